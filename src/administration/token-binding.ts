import type { TenantRow } from "#storage/types.js";

/** A token of somebody else's making that a tenant is bound to. */
export interface TokenBinding {
  /** Path of the PKCS#11 module; the configured one where none is given. */
  readonly module?: string;
  /** Text that the module is initialised with (NSS). */
  readonly moduleParameters?: string;
  readonly label: string;
  /** Needed only where several tokens have that label. */
  readonly serial?: string;
  /** The user PIN; zeroed. */
  readonly pin: Buffer;
}

/** How the module of a tenant's token is initialised, as the row keeps it. */
interface BindingSettings {
  readonly moduleParameters?: string;
}

/** What a row keeps of a binding. */
export function bindingSettings(binding: TokenBinding | undefined): BindingSettings {
  return binding?.moduleParameters === undefined ? {} : { moduleParameters: binding.moduleParameters };
}

/** Text that the module of a tenant's token is initialised with; undefined for none. */
export function moduleParametersOf({ settings }: Pick<TenantRow, "settings">): string | undefined {
  return (JSON.parse(settings) as BindingSettings).moduleParameters;
}

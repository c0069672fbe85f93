import { itemToText } from "#protocol/encodings/text.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { settingNames } from "#src/access/tenant-settings.js";
import { type Change, change } from "#storage/changes.js";
import type { TenantSettingRow } from "#storage/types.js";

/** What an operator sets a tenant to. What is absent stays. */
export interface TenantConfiguration {
  /** The tenant takes part in interoperability tests, which no production tenant does (KMIP 2.1 §6.1.26). */
  readonly interoperabilityTests?: boolean;
}

/** What a tenant is set to, as operators see it. */
export interface TenantSettingsSummary {
  readonly interoperabilityTests: boolean;
  /** The Defaults Information that an administrator of the tenant set over KMIP, as text; null where there is none. */
  readonly defaults: string | null;
  /** The Constraints that an administrator of the tenant set over KMIP, as text; null where there are none. */
  readonly constraints: string | null;
}

/** What the rows of a tenant say, in words. */
export function settingsSummary(rows: readonly TenantSettingRow[]): TenantSettingsSummary {
  const value = (name: string): string | undefined => rows.find((row) => row.name === name)?.value;
  const text = (name: string): string | null => {
    const kept = value(name);
    return kept === undefined ? null : itemToText(decodeItem(Buffer.from(kept, "base64")));
  };
  return {
    interoperabilityTests: value(settingNames.interoperabilityTests) === "true",
    defaults: text(settingNames.defaults),
    constraints: text(settingNames.constraints),
  };
}

/** The changes that set a tenant to what an operator wants. */
export function settingChanges(tenantId: string, { interoperabilityTests }: TenantConfiguration): readonly Change[] {
  if (interoperabilityTests === undefined) return [];
  const name = settingNames.interoperabilityTests;
  return [
    interoperabilityTests
      ? change("tenantSettings", "set", { tenantId, name, value: "true" })
      : change("tenantSettings", "remove", tenantId, name),
  ];
}

import * as z from "zod";
import { profileNames } from "./client-profiles.js";
import { quotaSchema } from "./kept-quota.js";
import { permissions, usualPermissions } from "./permissions.js";

const attestation = z.strictObject({
  /** The public half of the attestation key of the client's TPM: PEM, RSA or EC. */
  publicKey: z.string(),
  /** Digests of the platform configuration registers that are accepted, in hexadecimal digits. */
  registerDigests: z.array(z.string().regex(/^(?:[0-9a-f]{2}){20,64}$/)).min(1),
});

/** What a client must prove of the machine it runs on (KMIP 2.1 §9.3). */
export type AttestationDemand = z.output<typeof attestation>;

const schema = z.looseObject({
  permissions: z
    .array(z.enum(permissions))
    .default([...usualPermissions])
    .readonly(),
  attestation: attestation.exactOptional(),
  /** The client profile that is its own; that of its listener or tenant counts where it has none. */
  profile: z.enum(profileNames).exactOptional(),
  quota: quotaSchema.exactOptional(),
});

/** The settings of a client, as its row keeps them: defaults filled in. */
export type ClientSettings = z.output<typeof schema>;

/** Reads the settings of a client from its row. Throws ZodError or SyntaxError where they are not what this server wrote. */
export function readClientSettings(text: string): ClientSettings {
  return schema.parse(JSON.parse(text));
}

/** The settings as a row keeps them: `changes` over what stood there. */
export function changedClientSettings(text: string, changes: Partial<ClientSettings>): string {
  const settings = { ...(JSON.parse(text) as Record<string, unknown>), ...changes };
  readClientSettings(JSON.stringify(settings));
  return JSON.stringify(settings);
}

import { profileNames } from "#src/access/client-profiles.js";
import type { TenantRequest } from "#src/administration/administration.js";
import type { TenantConfiguration } from "#src/administration/tenant-settings.js";
import type { TenantSummary } from "#src/administration/tenants.js";
import { choice, flag, name, named, object, orNull, type Properties, type Schema, text, time } from "./schema-parts.js";

/** A client profile by its name. */
export const profile: Schema = {
  ...choice(...profileNames),
  description: "A client profile (docs/clients/profiles.md)",
};
/** A client profile that may be taken away. */
export const profileOrNull: Schema = { anyOf: [profile, { type: "null" }], description: "null: no profile of its own" };

const decryptionsAnHour: Schema = {
  type: "integer",
  minimum: 0,
  maximum: 1_000_000_000,
  description: "RSA decryptions with PKCS#1 v1.5 padding that a key may do in an hour; 0: none",
};

const tenantProperties: Properties<TenantSummary> = {
  id: text(),
  name,
  state: choice("active", "suspended"),
  custody: choice("wrapped", "token", "software"),
  module: text("Path of the PKCS#11 module"),
  tokenLabel: text(),
  tokenSerial: text(),
  createdAt: time,
  interoperabilityTests: flag,
  softwareCryptography: flag,
  pkcs1Decryptions: decryptionsAnHour,
  profile: orNull(text("Client profile of its clients that have none of their own")),
  quota: named("Quota"),
  defaults: orNull(text("Defaults Information set over KMIP, as text")),
  constraints: orNull(text("Constraints set over KMIP, as text")),
};

const tenantConfiguration: Properties<TenantConfiguration> = {
  interoperabilityTests: {
    ...flag,
    description: "The tenant takes part in interoperability tests: not for production",
  },
  softwareCryptography: {
    ...flag,
    description: "Keys that may leave the token are used in software where the token lacks the mechanism",
  },
  pkcs1Decryptions: decryptionsAnHour,
  profile: profileOrNull,
  quota: named("QuotaChange"),
};

const tenantSwitches = [
  "interoperabilityTests",
  "softwareCryptography",
  "pkcs1Decryptions",
  "profile",
  "quota",
] as const;

/** The schemas of tenants and of what they are set to. */
export const tenantSchemas: readonly Schema[] = [
  object<TenantSummary>("Tenant", tenantProperties),
  object<TenantRequest>(
    "NewTenant",
    { name, custody: choice("wrapped", "token"), token: named("TokenBinding"), ...tenantConfiguration },
    ["custody", "token", ...tenantSwitches],
  ),
  object<TenantConfiguration>("TenantConfiguration", tenantConfiguration, [...tenantSwitches]),
];

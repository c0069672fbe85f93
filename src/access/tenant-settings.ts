import type { StructureCodec } from "#protocol/schema/structure.js";
import type { Constraints, DefaultsInformation } from "#protocol/structures/defaults.js";
import { constraints, defaultsInformation } from "#protocol/structures/defaults.js";
import { Tag } from "#protocol/tags.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V2_1 } from "#protocol/versions.js";
import type { TenantSettingRow } from "#storage/types.js";
import { type ProfileName, profileNames } from "./client-profiles.js";
import { readQuota } from "./kept-quota.js";
import type { Quota } from "./quota.js";

/** What a tenant is set to, over KMIP by its administrators or by the operators of the server. */
export interface TenantSettings {
  /** The tenant takes part in interoperability tests (KMIP 2.1 §6.1.26). */
  readonly interoperabilityTests: boolean;
  /** Keys that may leave the token are used in software where the token lacks the mechanism. */
  readonly softwareCryptography: boolean;
  /** RSA decryptions with PKCS#1 v1.5 padding that a key may do in an hour; 0 is none (docs/decisions/0019-oracles.md). */
  readonly pkcs1Decryptions: number;
  /** The profile of its clients that have none of their own. */
  readonly profile: ProfileName | undefined;
  /** What all its clients together may ask for at most. */
  readonly quota: Quota;
  /** Attributes for objects whose maker gives none (KMIP 2.1 §6.1.53). */
  readonly defaults: DefaultsInformation;
  /** What must hold of the objects that are made or changed (KMIP 2.1 §6.1.52). */
  readonly constraints: Constraints;
}

/** Names of the settings in the database. */
export const settingNames = {
  interoperabilityTests: "interoperabilityTests",
  softwareCryptography: "softwareCryptography",
  pkcs1Decryptions: "pkcs1Decryptions",
  profile: "profile",
  quota: "quota",
  defaults: "defaults",
  constraints: "constraints",
} as const;

/** Defaults as the database keeps them: base64 of their TTLV. */
export function writeDefaults(value: DefaultsInformation): string {
  return written(defaultsInformation, Tag.DefaultsInformation, value);
}

/** Constraints as the database keeps them: base64 of their TTLV. */
export function writeConstraints(value: Constraints): string {
  return written(constraints, Tag.Constraints, value);
}

function written<T>(codec: StructureCodec<T>, tag: number, value: T): string {
  return encodeItem(codec.encode(tag, value, { version: V2_1 })).toString("base64");
}

function read<T>(codec: StructureCodec<T>, value: string): T {
  return codec.decode(decodeItem(Buffer.from(value, "base64")), { version: V2_1 });
}

const known = new WeakMap<readonly TenantSettingRow[], TenantSettings>();

/** What the rows of a tenant say. The same rows are read once. */
export function tenantSettings(rows: readonly TenantSettingRow[]): TenantSettings {
  const before = known.get(rows);
  if (before !== undefined) return before;
  const value = (name: string): string | undefined => rows.find((row) => row.name === name)?.value;
  const defaults = value(settingNames.defaults);
  const restrictions = value(settingNames.constraints);
  const settings = {
    interoperabilityTests: value(settingNames.interoperabilityTests) === "true",
    softwareCryptography: value(settingNames.softwareCryptography) !== "false",
    pkcs1Decryptions: Number(value(settingNames.pkcs1Decryptions) ?? 0),
    profile: profileNames.find((name) => name === value(settingNames.profile)),
    quota: readQuota(value(settingNames.quota)),
    defaults: defaults === undefined ? { objectDefaults: [] } : read(defaultsInformation, defaults),
    constraints: restrictions === undefined ? { constraint: [] } : read(constraints, restrictions),
  };
  known.set(rows, settings);
  return settings;
}

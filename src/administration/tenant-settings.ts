import { itemToText } from "#protocol/encodings/text.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import type { ProfileName } from "#src/access/client-profiles.js";
import { changedQuota, readQuota } from "#src/access/kept-quota.js";
import { isUnlimited, type Quota, type QuotaChange } from "#src/access/quota.js";
import { settingNames } from "#src/access/tenant-settings.js";
import { type Change, change } from "#storage/changes.js";
import type { TenantSettingRow } from "#storage/types.js";

/** What an operator sets a tenant to. What is absent stays. */
export interface TenantConfiguration {
  /** The tenant takes part in interoperability tests, which no production tenant does (KMIP 2.1 §6.1.26). */
  readonly interoperabilityTests?: boolean;
  /** Keys that may leave the token are used in software where the token lacks the mechanism; they are by default. */
  readonly softwareCryptography?: boolean;
  /** RSA decryptions with PKCS#1 v1.5 padding that a key may do in an hour; none (0) by default. */
  readonly pkcs1Decryptions?: number;
  /** The profile of its clients that have none of their own; null where there is none any more. */
  readonly profile?: ProfileName | null;
  /** What all its clients together may ask for at most; bounds that are absent stay, null takes one away. */
  readonly quota?: QuotaChange;
}

/** What a tenant is set to, as operators see it. */
export interface TenantSettingsSummary {
  readonly interoperabilityTests: boolean;
  readonly softwareCryptography: boolean;
  /** RSA decryptions with PKCS#1 v1.5 padding that a key may do in an hour; 0 is none. */
  readonly pkcs1Decryptions: number;
  /** The profile of its clients that have none of their own; null where there is none. */
  readonly profile: string | null;
  /** What all its clients together may ask for at most. */
  readonly quota: Quota;
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
    softwareCryptography: value(settingNames.softwareCryptography) !== "false",
    pkcs1Decryptions: Number(value(settingNames.pkcs1Decryptions) ?? 0),
    profile: value(settingNames.profile) ?? null,
    quota: readQuota(value(settingNames.quota)),
    defaults: text(settingNames.defaults),
    constraints: text(settingNames.constraints),
  };
}

/** A setting's row as it is to be: gone for null, untouched for undefined. */
function settingChange(tenantId: string, name: string, value: string | null | undefined): readonly Change[] {
  if (value === undefined) return [];
  if (value === null) return [change("tenantSettings", "remove", tenantId, name)];
  return [change("tenantSettings", "set", { tenantId, name, value })];
}

/** The text of a setting that has a row only where it is not at rest. */
function unlessAtRest<Value>(value: Value | undefined, atRest: Value): string | null | undefined {
  if (value === undefined) return undefined;
  return value === atRest ? null : String(value);
}

function quotaText(wanted: QuotaChange | undefined, rows: readonly TenantSettingRow[]): string | null | undefined {
  if (wanted === undefined) return undefined;
  const { value } = rows.find(({ name }) => name === settingNames.quota) ?? {};
  const quota = changedQuota(readQuota(value), wanted);
  return isUnlimited(quota) ? null : JSON.stringify(quota);
}

/** The changes that set a tenant to what an operator wants, from what its rows say now. Throws ZodError. */
export function settingChanges(
  tenantId: string,
  configuration: TenantConfiguration,
  rows: readonly TenantSettingRow[] = [],
): readonly Change[] {
  const { interoperabilityTests, softwareCryptography, pkcs1Decryptions, profile, quota } = configuration;
  return [
    ...settingChange(tenantId, settingNames.interoperabilityTests, unlessAtRest(interoperabilityTests, false)),
    ...settingChange(tenantId, settingNames.softwareCryptography, unlessAtRest(softwareCryptography, true)),
    ...settingChange(tenantId, settingNames.pkcs1Decryptions, unlessAtRest(pkcs1Decryptions, 0)),
    ...settingChange(tenantId, settingNames.profile, profile),
    ...settingChange(tenantId, settingNames.quota, quotaText(quota, rows)),
  ];
}

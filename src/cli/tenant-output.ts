import type { KeyEncryptionKeySummary } from "#src/administration/tasks.js";
import type { TenantSummary } from "#src/administration/tenants.js";
import { printFacts, printJson } from "./output.js";
import { quotaLine } from "./quota-options.js";

/** Writes one tenant. */
export async function printTenant(tenant: TenantSummary, json: boolean | undefined): Promise<void> {
  if (json) return printJson(tenant);
  await printFacts([
    ["Tenant", tenant.name],
    ["Identifier", tenant.id],
    ["State", tenant.state],
    ["Custody", tenant.custody],
    ["Keys in software", tenant.softwareCryptography ? "allowed" : "not allowed"],
    ["PKCS#1 v1.5 decryptions", tenant.pkcs1Decryptions === 0 ? "none" : `${tenant.pkcs1Decryptions} a key and hour`],
    ["Client profile", tenant.profile ?? "none"],
    ["Quota", quotaLine(tenant.quota)],
    ["Module", tenant.module],
    ["Token label", tenant.tokenLabel],
    ["Token serial", tenant.tokenSerial],
    ["Created", tenant.createdAt],
    ["Interoperability tests", tenant.interoperabilityTests ? "on (not for production)" : "off"],
    ["Defaults", onOneLine(tenant.defaults)],
    ["Constraints", onOneLine(tenant.constraints)],
  ]);
}

/** Writes the versions of a tenant's key-encryption key. */
export async function printKeyEncryptionKeys(versions: readonly KeyEncryptionKeySummary[]): Promise<void> {
  const facts = versions.map(({ version, current, keys }): [string, string] => [
    `Key-encryption key ${version}`,
    `${keys} key${keys === 1 ? "" : "s"}${current ? " (current)" : ""}`,
  ]);
  if (facts.length > 0) await printFacts(facts);
}

function onOneLine(text: string | null): string {
  return text === null ? "none" : text.trim().replace(/\s*\n\s*/g, "; ");
}

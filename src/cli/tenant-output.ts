import type { TenantSummary } from "#src/administration/tenants.js";
import { printFacts, printJson } from "./output.js";

/** Writes one tenant. */
export async function printTenant(tenant: TenantSummary, json: boolean | undefined): Promise<void> {
  if (json) return printJson(tenant);
  await printFacts([
    ["Tenant", tenant.name],
    ["Identifier", tenant.id],
    ["State", tenant.state],
    ["Custody", tenant.custody],
    ["Keys in software", tenant.softwareCryptography ? "allowed" : "not allowed"],
    ["Module", tenant.module],
    ["Token label", tenant.tokenLabel],
    ["Token serial", tenant.tokenSerial],
    ["Created", tenant.createdAt],
    ["Interoperability tests", tenant.interoperabilityTests ? "on (not for production)" : "off"],
    ["Defaults", onOneLine(tenant.defaults)],
    ["Constraints", onOneLine(tenant.constraints)],
  ]);
}

function onOneLine(text: string | null): string {
  return text === null ? "none" : text.trim().replace(/\s*\n\s*/g, "; ");
}

import type { ClientSummary } from "#src/administration/client-summary.js";
import { quotaLine } from "./quota-options.js";

/** The facts of one client. */
export function clientFacts(client: ClientSummary): [string, string][] {
  return [
    ["Client", client.name],
    ["Tenant", client.tenant],
    ["Identifier", client.id],
    ["State", client.state],
    ["Created", client.createdAt],
    ["Profile", client.profile ?? "none of its own"],
    ["Quota", quotaLine(client.quota)],
    ["May", client.permissions.join(", ")],
    ...(client.attestationDemanded ? [["Attestation", "demanded"] as [string, string]] : []),
    ...client.certificates.flatMap(({ fingerprint, notAfter }): [string, string][] => [
      ["Certificate", fingerprint],
      ["Valid until", notAfter],
    ]),
  ];
}

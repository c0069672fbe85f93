import type { CredentialSummary } from "#src/administration/credentials.js";

/** The facts of one credential. */
export function credentialFacts({ username, client, tenant, kind, createdAt }: CredentialSummary): [string, string][] {
  return [
    ["Credential", username],
    ["Kind", kind],
    ["Client", client],
    ["Tenant", tenant],
    ["Created", createdAt],
  ];
}

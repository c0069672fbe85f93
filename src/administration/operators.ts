import { join } from "node:path";
import type { CertificateAuthority } from "#certs/authority.js";
import { issueOperatorCertificate } from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { type Actor, administrationRecord } from "./audit-record.js";
import { checkName } from "./errors.js";
import { writeDurably } from "./files.js";
import { homeLayout } from "./layout.js";

/** Days an operator's certificate is valid. */
const operatorDays = 825;

/** What making an operator needs. */
export interface OperatorsOptions {
  readonly database: Database;
  readonly authority: CertificateAuthority;
  /** The authority of the server's own certificate, which the operator's tools check. */
  readonly serverAuthority: CertificateAuthority;
  readonly home: string;
}

/** Registers an operator with a new certificate and writes its files; gives the folder they stand in. */
export async function issueOperator(options: OperatorsOptions, actor: Actor, name: string): Promise<string> {
  checkName("operator", name);
  const issued = await issueOperatorCertificate({
    ca: options.authority,
    commonName: name,
    validityDays: operatorDays,
  });
  const folder = homeLayout(options.home).operatorFolder(name);
  await writeDurably(join(folder, "client.crt"), issued.certificatePem);
  await writeDurably(join(folder, "client.key"), issued.privateKeyPem);
  await writeDurably(join(folder, "ca.crt"), options.serverAuthority.certificatePem);
  const { fingerprint256: fingerprint } = describeCertificate(issued.certificatePem);
  const record = administrationRecord(actor, "Issue Operator", { detail: { operator: name, fingerprint } });
  await options.database.commit([
    change("operators", "create", { fingerprint, name, role: "administrator", state: "active", createdAt: Date.now() }),
    change("audit", "append", record),
  ]);
  return folder;
}

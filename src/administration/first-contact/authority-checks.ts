import type { X509Certificate } from "node:crypto";
import { certificateFields, extensionValue } from "#certs/certificate-fields.js";
import { CertificateError } from "#certs/errors.js";
import { objectIdentifiers } from "#certs/object-identifiers.js";
import { pemBlocks } from "#certs/pem.js";
import { readKeyUsage } from "#certs/requested-extensions.js";
import { type RevocationList, readRevocationList } from "#certs/revocation-list-reading.js";
import { subjectPartNamed } from "#certs/subject-names.js";
import {
  type AuthorityRules,
  RulesError,
  readRules,
  ruleFault,
  type WrittenRules,
} from "#src/access/authority-rules.js";
import { AdministrationError } from "../errors.js";

/** A request that makes no sense. */
export function invalidRequest(message: string): AdministrationError {
  return new AdministrationError("invalid", message);
}

/** Rules in the form in which they are kept. Throws AdministrationError. */
export function checkedRules(written: WrittenRules): AuthorityRules {
  try {
    const subject = Object.entries(written.subject ?? {}).map(([kind, each]) => [subjectPartNamed(kind) ?? kind, each]);
    const rules = readRules({ ...written, subject: Object.fromEntries(subject) });
    const fault = ruleFault(rules);
    if (fault !== undefined) throw invalidRequest(fault);
    return rules;
  } catch (error) {
    if (error instanceof RulesError) throw invalidRequest(`the rules make no sense: ${error.message}`);
    throw error;
  }
}

/**
 * The lists as PEM: those given, each checked, and those present of other issuers. Null where none is given. Throws
 * AdministrationError.
 */
export function checkedLists(
  given: string | undefined,
  certificates: readonly X509Certificate[],
  present: string | undefined,
): string | null {
  if (given === undefined) return null;
  const blocks = pemBlocks(given, "X509 CRL");
  if (blocks.length === 0) throw invalidRequest("the file holds no revocation list");
  const before = pemBlocks(present ?? "", "X509 CRL").map((pem) => ({
    pem,
    list: readRevocationList(Buffer.from(pem)),
  }));
  const lists = blocks.map((pem) => ({ pem, list: checkedList(pem, certificates) }));
  for (const { list } of lists) {
    const older = before.find((each) => each.list.issuer.equals(list.issuer));
    if (older !== undefined && older.list.thisUpdate > list.thisUpdate) {
      throw invalidRequest(
        `the revocation list of ${list.thisUpdate.toISOString()} is older than the one that is there`,
      );
    }
  }
  const kept = before.filter((each) => !lists.some(({ list }) => list.issuer.equals(each.list.issuer)));
  return [...kept, ...lists].map(({ pem }) => pem).join("");
}

function checkedList(pem: string, certificates: readonly X509Certificate[]): RevocationList {
  try {
    const list = readRevocationList(Buffer.from(pem));
    const issuers = certificates.filter((each) => certificateFields(each).subject.equals(list.issuer) && maySign(each));
    if (!issuers.some((issuer) => list.isSignedBy(issuer))) {
      throw invalidRequest("the revocation list is not signed by an authority of the file that was imported");
    }
    if (list.thisUpdate.getTime() > Date.now())
      throw invalidRequest("the revocation list is of the future: compare the clocks");
    if (list.nextUpdate !== null && list.nextUpdate.getTime() < Date.now()) {
      throw invalidRequest(`the revocation list expired on ${list.nextUpdate.toISOString()}: get the current one`);
    }
    return list;
  } catch (error) {
    if (error instanceof CertificateError) throw invalidRequest(`the revocation list cannot be used: ${error.message}`);
    throw error;
  }
}

/** Whether an authority may sign revocation lists (RFC 5280 §4.2.1.3). */
function maySign(certificate: X509Certificate): boolean {
  const usage = extensionValue(certificateFields(certificate).extensions, objectIdentifiers.keyUsage);
  return usage === undefined || readKeyUsage(usage).includes("cRLSign");
}

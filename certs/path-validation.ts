import type { X509Certificate } from "node:crypto";
import { type CertificateFields, certificateFields, extensionValue } from "./certificate-fields.js";
import { CertificateError } from "./errors.js";
import { certifiedKey } from "./key-reading.js";
import { objectIdentifiers } from "./object-identifiers.js";
import { basicConstraints, readKeyUsage } from "./requested-extensions.js";
import { validityOf } from "./times.js";

/** What is found of a chain: it is valid, it is not, or an issuer or an extension is unknown and nobody can say. */
export type Verdict = "valid" | "invalid" | "unknown";

/** A certificate that a path may go through. */
export interface PathCertificate {
  readonly certificate: X509Certificate;
  /** Whether a path may end here. A certificate that signed itself may be an anchor without being an authority. */
  readonly isAnchor: boolean;
}

/** What a path is built from. */
export interface PathSources {
  /** The chain, in any order. */
  readonly given: readonly PathCertificate[];
  /** Further authorities with this subject name (DER). */
  issuersNamed(subject: Buffer): Promise<readonly PathCertificate[]>;
  /** Whether somebody has revoked the certificate by the moment. */
  isRevoked(certificate: X509Certificate): Promise<boolean>;
  /** The moment at which all certificates must be valid. */
  readonly at: Date;
}

/** The most certificates in a path, end entity and root included. */
export const longestPath = 10;

/** The most signatures that are verified for one chain. */
const mostSignatures = 100;

interface Node extends PathCertificate {
  readonly fields: CertificateFields;
}

/** Critical extensions that are checked here, or need no check where the purpose of a path is not asked (RFC 5280 §4.2). */
const understood: ReadonlySet<string> = new Set([
  objectIdentifiers.basicConstraints,
  objectIdentifiers.keyUsage,
  objectIdentifiers.extKeyUsage,
  objectIdentifiers.subjectAltName,
  objectIdentifiers.issuerAltName,
  objectIdentifiers.certificatePolicies,
]);

/**
 * Builds a path from the one certificate of the chain that issued no other to an anchor, and validates it: signatures,
 * names, dates, basic constraints, key usage, critical extensions and revocations (RFC 5280 §6.1).
 */
export async function validateChain(sources: PathSources): Promise<Verdict> {
  try {
    return await new PathSearch(sources).verdict();
  } catch (error) {
    // A certificate that OpenSSL takes and whose extensions are not well-formed.
    if (error instanceof CertificateError) return "invalid";
    throw error;
  }
}

class PathSearch {
  private readonly sources: PathSources;
  private readonly given: readonly Node[];
  private signaturesLeft = mostSignatures;

  constructor(sources: PathSources) {
    this.sources = sources;
    const distinct = new Map(sources.given.map((each) => [each.certificate.fingerprint256, each]));
    this.given = [...distinct.values()].map(nodeOf);
  }

  async verdict(): Promise<Verdict> {
    if (this.given.length > longestPath) return "invalid";
    const [leaf, other] = this.given.filter(
      (node) => !this.given.some((below) => below !== node && names(below, node)),
    );
    // Certificates that are not one chain, or issue each other in a circle.
    if (leaf === undefined || other !== undefined) return "invalid";
    return this.from([leaf]);
  }

  /** Goes on from the last of a path, whose certificates are all there below it. */
  private async from(path: readonly Node[]): Promise<Verdict> {
    const node = path.at(-1);
    if (node === undefined || path.length > longestPath) return "invalid";
    const own = await this.ownVerdict(node);
    if (own !== "valid") return own;
    const isSelfIssued = names(node, node);
    if (isSelfIssued && this.verifies(node, node)) return node.isAnchor ? "valid" : "unknown";
    const named = await this.issuersOf(node);
    const issuers = named.filter(
      (issuer) => !path.some((below) => isSame(below, issuer)) && mayIssue(issuer, path) && this.verifies(node, issuer),
    );
    const verdicts: Verdict[] = [];
    for (const issuer of issuers) {
      const verdict = await this.from([...path, issuer]);
      if (verdict === "valid") return "valid";
      verdicts.push(verdict);
    }
    // One that says it signed itself and did not has no other issuer to look for.
    if (named.length === 0) return isSelfIssued ? "invalid" : node.isAnchor ? "valid" : "unknown";
    return verdicts.includes("unknown") ? "unknown" : "invalid";
  }

  /** What is to say of one certificate by itself. */
  private async ownVerdict({ certificate, fields }: Node): Promise<Verdict> {
    const { at } = this.sources;
    const { notBefore, notAfter } = validityOf(certificate);
    const isCurrent = notBefore <= at && at <= notAfter;
    if (!isCurrent || (await this.sources.isRevoked(certificate))) return "invalid";
    return fields.extensions.every(({ type, critical }) => !critical || understood.has(type)) ? "valid" : "unknown";
  }

  private async issuersOf(node: Node): Promise<readonly Node[]> {
    const inside = this.given.filter((issuer) => issuer !== node && names(node, issuer));
    if (inside.length > 0) return inside;
    return (await this.sources.issuersNamed(node.fields.issuer)).map(nodeOf);
  }

  private verifies(node: Node, issuer: Node): boolean {
    if (this.signaturesLeft === 0) return false;
    this.signaturesLeft -= 1;
    try {
      return node.certificate.verify(certifiedKey(issuer.certificate));
    } catch {
      // A key of a kind that OpenSSL does not know has signed nothing.
      return false;
    }
  }
}

function nodeOf(each: PathCertificate): Node {
  return { ...each, fields: certificateFields(each.certificate) };
}

function isSame(one: Node, other: Node): boolean {
  return one.certificate.fingerprint256 === other.certificate.fingerprint256;
}

/** Whether the certificate names the other as its issuer. */
function names({ fields }: Node, issuer: Node): boolean {
  return fields.issuer.equals(issuer.fields.subject);
}

/** Whether a certificate may have issued the last of a path: an authority, for signing, above not too many others. */
function mayIssue({ fields: { extensions } }: Node, path: readonly Node[]): boolean {
  const { isAuthority, pathLength } = basicConstraints(extensions);
  const keyUsage = extensionValue(extensions, objectIdentifiers.keyUsage);
  if (!isAuthority || (keyUsage !== undefined && !readKeyUsage(keyUsage).includes("keyCertSign"))) return false;
  // Certificates that name themselves as issuer do not count, nor does the end entity (RFC 5280 §4.2.1.9).
  const between = path.slice(1).filter((node) => !names(node, node)).length;
  return pathLength === undefined || between <= pathLength;
}

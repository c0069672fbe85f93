import type { KeyObject, X509Certificate } from "node:crypto";
import { certificateFields } from "./certificate-fields.js";
import { type CertificateDescription, extendedKeyUsagesOf } from "./describe.js";
import { certifiedKey } from "./key-reading.js";
import { validityOf } from "./times.js";

/** Why a certificate is not fit for a client, or for the chain above one. */
export type Unfitness = "weak" | "purpose" | "expired" | "not-yet-valid";

/** Signature algorithms with a hash that still resists collisions (SP 800-131A, SP 800-57 part 1). */
const soundSignatures: ReadonlySet<string> = new Set([
  "1.2.840.113549.1.1.14",
  "1.2.840.113549.1.1.11",
  "1.2.840.113549.1.1.12",
  "1.2.840.113549.1.1.13",
  "1.2.840.113549.1.1.10",
  "1.2.840.10045.4.3.1",
  "1.2.840.10045.4.3.2",
  "1.2.840.10045.4.3.3",
  "1.2.840.10045.4.3.4",
  "1.3.101.112",
  "1.3.101.113",
]);

const shortestRsa = 2048;
const shortestCurve = 224;

/** How strictly a certificate is looked at. */
export interface FitnessOptions {
  /** It is trusted by itself: the signature on it proves nothing, and its hash does not matter. */
  readonly isAnchor?: boolean;
  /** It must state extended key usages. */
  readonly statesUsage?: boolean;
  /** Short keys and weak signatures are taken, as old appliances have them. */
  readonly mayBeWeak?: boolean;
}

/**
 * What keeps a certificate from being used now: its dates, its key, the hash of its signature, or extended key usages
 * without clientAuth. Undefined where nothing does. A certificate without that extension is for all uses
 * (RFC 5280 §4.2.1.12), unless `options.statesUsage`.
 */
export function unfitness(
  certificate: X509Certificate,
  now: Date,
  options: FitnessOptions = {},
): Unfitness | undefined {
  const { notBefore, notAfter } = validityOf(certificate);
  const extendedKeyUsages = extendedKeyUsagesOf(certificate);
  if (notAfter < now) return "expired";
  if (notBefore > now) return "not-yet-valid";
  if (options.mayBeWeak !== true && !isStrong(certificate, options.isAnchor === true)) return "weak";
  const isForAll = extendedKeyUsages.length === 0 && options.statesUsage !== true;
  const isForClients = extendedKeyUsages.includes("clientAuth") || extendedKeyUsages.includes("anyExtendedKeyUsage");
  return isForAll || isForClients ? undefined : "purpose";
}

/** By how much a certificate misses the time it is good for, in words for the log; empty where it does not. */
export function missedTime({ notBefore, notAfter }: CertificateDescription, now: Date): string {
  const seconds = (from: Date, until: Date): number => Math.round((until.getTime() - from.getTime()) / 1000);
  if (notBefore > now) {
    return `it is good from ${notBefore.toISOString()} on, ${seconds(now, notBefore)} seconds ahead of this server's clock`;
  }
  if (notAfter >= now) return "";
  return `it was good until ${notAfter.toISOString()}, ${seconds(notAfter, now)} seconds ago by this server's clock`;
}

function isStrong(certificate: X509Certificate, isAnchor: boolean): boolean {
  if (!isAnchor && !soundSignatures.has(certificateFields(certificate).signatureAlgorithm)) return false;
  let key: KeyObject;
  try {
    key = certifiedKey(certificate);
  } catch {
    // A key of a kind that OpenSSL does not know is no key to trust.
    return false;
  }
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined)
    return key.asymmetricKeyType?.startsWith("rsa") === true && modulusLength >= shortestRsa;
  if (namedCurve !== undefined) return Number(namedCurve.match(/\d{3}/)?.[0] ?? 0) >= shortestCurve;
  return key.asymmetricKeyType === "ed25519" || key.asymmetricKeyType === "ed448";
}

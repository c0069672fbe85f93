import type { JsonText } from "./types.js";

/** A certificate that nobody has accepted and that was shown at a KMIP port. */
export interface WaitingCertificateRow {
  /** SHA-256 of the DER, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly keyType: string;
  readonly pem: string;
  readonly notBefore: number;
  readonly notAfter: number;
  /** From where it came the last time, and at which listener. */
  readonly sourceAddress: string;
  readonly listener: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** How often it was shown. */
  readonly count: number;
  readonly state: "waiting" | "rejected";
  /** The trusted authority that issued it and whose rules admit it; null where there is none, or more than one. */
  readonly authorityId: string | null;
  /** What the authority's rule of names calls it. */
  readonly suggestedName: string | null;
  /** What an operator should know of it. */
  readonly note: string | null;
}

/** What is kept of certificates that wait. */
export interface WaitingLimits {
  readonly inAll: number;
  /** Certificates first seen from one address. */
  readonly ofAddress: number;
  /** Those not seen since then are forgotten (milliseconds since 1970). */
  readonly forgottenBefore: number;
}

/** An authority whose certificates a tenant trusts. */
export interface TrustedAuthorityRow {
  readonly id: string;
  readonly tenantId: string;
  /** Unique among the authorities of the tenant. */
  readonly name: string;
  /** PEM: the authority, then its intermediate ones. */
  readonly certificates: string;
  readonly rules: JsonText;
  /** Where the names of its clients come from, in the encoding of the caller. */
  readonly nameFrom: string;
  /** PEM; null where none was imported. */
  readonly revocationLists: string | null;
  readonly autoRegister: boolean;
  readonly createdAt: number;
  readonly changedAt: number;
  /** One more at each change. */
  readonly revision: number;
}

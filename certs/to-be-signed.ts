import { randomBytes } from "node:crypto";
import { contextConstructed, type DerNode, sequence, smallInteger, unsignedInteger } from "./der.js";

/** What a certificate says, each part as a node (RFC 5280 §4.1.2). */
export interface CertificateParts {
  readonly issuer: DerNode;
  readonly subject: DerNode;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: DerNode;
  readonly validity: DerNode;
  readonly extensions: readonly DerNode[];
}

/** The part of a version 3 certificate that is signed, with a new serial number. */
export function toBeSignedCertificate(algorithm: DerNode, parts: CertificateParts): DerNode {
  return sequence(
    contextConstructed(0, smallInteger(2)),
    unsignedInteger(newSerialNumber()),
    algorithm,
    parts.issuer,
    parts.validity,
    parts.subject,
    parts.publicKey,
    contextConstructed(3, sequence(...parts.extensions)),
  );
}

/** A new serial number: 128 bits, positive and of full length: 126 of them random (RFC 5280 §4.1.2.2 allows 20 octets). */
export function newSerialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

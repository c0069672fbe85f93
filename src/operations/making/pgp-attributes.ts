import { CertificateError } from "#certs/errors.js";
import { type PgpFacts, pgpFacts } from "#certs/pgp-certificate.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicAlgorithm, DigitalSignatureAlgorithm } from "#protocol/enums/index.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";

/** Cryptographic Algorithm by OpenPGP's number (RFC 9580 §9.1). */
const algorithms: ReadonlyMap<number, number> = new Map([
  [1, CryptographicAlgorithm.RSA],
  [2, CryptographicAlgorithm.RSA],
  [3, CryptographicAlgorithm.RSA],
  [17, CryptographicAlgorithm.DSA],
  [18, CryptographicAlgorithm.ECDH],
  [19, CryptographicAlgorithm.ECDSA],
  [22, CryptographicAlgorithm.Ed25519],
  [27, CryptographicAlgorithm.Ed25519],
  [28, CryptographicAlgorithm.Ed448],
]);

/** Digital Signature Algorithm by OpenPGP's number of the key's algorithm and that of the hash (§9.1, §9.5). */
const signatureAlgorithms: ReadonlyMap<string, number> = new Map([
  ["1 1", DigitalSignatureAlgorithm.MD5WithRSAEncryption],
  ["1 2", DigitalSignatureAlgorithm.SHA_1WithRSAEncryption],
  ["1 8", DigitalSignatureAlgorithm.SHA_256WithRSAEncryption],
  ["1 9", DigitalSignatureAlgorithm.SHA_384WithRSAEncryption],
  ["1 10", DigitalSignatureAlgorithm.SHA_512WithRSAEncryption],
  ["1 11", DigitalSignatureAlgorithm.SHA_224WithRSAEncryption],
  ["17 2", DigitalSignatureAlgorithm.DSAWithSHA_1],
  ["17 8", DigitalSignatureAlgorithm.DSAWithSHA256],
  ["17 11", DigitalSignatureAlgorithm.DSAWithSHA224],
  ["19 8", DigitalSignatureAlgorithm.ECDSAWithSHA256],
  ["19 9", DigitalSignatureAlgorithm.ECDSAWithSHA384],
  ["19 10", DigitalSignatureAlgorithm.ECDSAWithSHA512],
]);

/** What the server sets on an object, from the PGP certificate in it. */
export interface PgpAttributes {
  readonly set: AttributeSet;
  readonly algorithm: number | undefined;
  /** Bits of the public key. */
  readonly length: number | undefined;
}

/**
 * Adds the attributes that KMIP has for PGP certificates: who is named, and by which key (KMIP 1.4 §3.14 to §3.16). A
 * certificate that is not in binary form, or is older than OpenPGP's version 4, is kept without them.
 */
export function withPgpAttributes(set: AttributeSet, value: Buffer): PgpAttributes {
  const facts = factsOf(value);
  if (facts === undefined) return { set, algorithm: undefined, length: undefined };
  const { userId, issuerKeyId, signatureAlgorithm, hashAlgorithm } = facts;
  const known = set
    .with(attributes.certificateIdentifier, { issuer: issuerKeyId })
    .with(attributes.certificateSubject, {
      certificateSubjectDistinguishedName: userId,
      certificateSubjectAlternativeName: [],
    })
    .with(attributes.certificateIssuer, {
      certificateIssuerDistinguishedName: issuerKeyId,
      certificateIssuerAlternativeName: [],
    })
    .with(attributes.digitalSignatureAlgorithm, signatureAlgorithms.get(`${signatureAlgorithm} ${hashAlgorithm}`));
  return { set: known, algorithm: algorithms.get(facts.publicKeyAlgorithm), length: facts.publicKeyBits };
}

function factsOf(value: Buffer): PgpFacts | undefined {
  try {
    return pgpFacts(value);
  } catch (error) {
    if (error instanceof CertificateError) return undefined;
    throw error;
  }
}

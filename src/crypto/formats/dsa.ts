import type { TransparentKeyMaterial } from "#protocol/structures/key-block.js";
import { bitLength, DerReader, integerElement, malformed } from "./der.js";
import {
  type DsaDomain,
  type KeyAlgorithm,
  readPkcs8,
  readSubjectPublicKeyInfo,
  writePkcs8,
  writeSubjectPublicKeyInfo,
} from "./envelopes.js";
import type { Understood } from "./key.js";

/** Longest prime taken in bits: arithmetic on longer ones would hold up everybody else. */
const longestPrime = 8_192;

function checked(domain: DsaDomain, number: bigint, below: bigint): void {
  const { p, q, g } = domain;
  const inRange = q > 1n && q < p && g > 1n && g < p && number > 0n && number < below;
  if (!inRange || bitLength(p) > longestPrime) throw malformed("DSA key: its numbers do not belong together");
}

function domainOf({ p, q, g }: TransparentKeyMaterial): DsaDomain {
  if (p === undefined || q === undefined || g === undefined) throw malformed("transparent DSA key");
  return { p, q, g };
}

function numberOf(key: Buffer): bigint {
  const reader = new DerReader(key, "DSA key");
  const number = reader.integer();
  reader.end();
  return number;
}

/** A DSA private key in numbers (KMIP 2.1 §3.5). Throws KmipError `InvalidField`. */
export function dsaPrivateFrom(material: TransparentKeyMaterial): Understood {
  const { x } = material;
  if (x === undefined) throw malformed("transparent DSA private key");
  return dsaPrivate(domainOf(material), x);
}

/** A DSA public key in numbers (KMIP 2.1 §3.6). Throws KmipError `InvalidField`. */
export function dsaPublicFrom(material: TransparentKeyMaterial): Understood {
  const { y } = material;
  if (y === undefined) throw malformed("transparent DSA public key");
  return dsaPublic(domainOf(material), y);
}

/** A DSA private key out of its envelope, where `key` is the INTEGER x (RFC 5958). Throws KmipError `InvalidField`. */
export function dsaPrivateIn(domain: DsaDomain, key: Buffer): Understood {
  return dsaPrivate(domain, numberOf(key));
}

/** A DSA public key out of its envelope, where `key` is the INTEGER y (RFC 3279 §2.3.2). Throws KmipError `InvalidField`. */
export function dsaPublicIn(domain: DsaDomain, key: Buffer): Understood {
  return dsaPublic(domain, numberOf(key));
}

function dsaPrivate(domain: DsaDomain, x: bigint): Understood {
  checked(domain, x, domain.q);
  return {
    form: "private",
    keyType: "dsa",
    softwareOnly: true,
    bits: bitLength(domain.p),
    value: writePkcs8({ name: "dsa", domain }, integerElement(x)),
  };
}

function dsaPublic(domain: DsaDomain, y: bigint): Understood {
  checked(domain, y, domain.p);
  return {
    form: "public",
    keyType: "dsa",
    softwareOnly: true,
    bits: bitLength(domain.p),
    value: writeSubjectPublicKeyInfo({ name: "dsa", domain }, integerElement(y)),
  };
}

function domainIn(algorithm: KeyAlgorithm): DsaDomain {
  if (algorithm.name !== "dsa") throw malformed("DSA key");
  return algorithm.domain;
}

/** The numbers of a DSA private key that is kept as PKCS#8. */
export function dsaPrivateNumbers(pkcs8: Buffer): TransparentKeyMaterial {
  const { algorithm, key } = readPkcs8(pkcs8);
  return { ...domainIn(algorithm), x: numberOf(key) };
}

/** The numbers of a DSA public key that is kept as SubjectPublicKeyInfo. */
export function dsaPublicNumbers(subjectPublicKeyInfo: Buffer): TransparentKeyMaterial {
  const { algorithm, key } = readSubjectPublicKeyInfo(subjectPublicKeyInfo);
  return { ...domainIn(algorithm), y: numberOf(key) };
}

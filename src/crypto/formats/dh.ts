import type { TransparentKeyMaterial } from "#protocol/structures/key-block.js";
import { bitLength, DerReader, integerElement, malformed } from "./der.js";
import {
  type DhDomain,
  type KeyAlgorithm,
  readPkcs8,
  readSubjectPublicKeyInfo,
  writePkcs8,
  writeSubjectPublicKeyInfo,
} from "./envelopes.js";
import type { Understood } from "./key.js";

/** Longest prime taken in bits: arithmetic on longer ones would hold up everybody else. */
const longestPrime = 8_192;

function domainOf({ p, g, q, j }: TransparentKeyMaterial): DhDomain {
  if (p === undefined || g === undefined) throw malformed("transparent DH key");
  return { p, g, q, j };
}

function checked({ p, g, q }: DhDomain, number: bigint): void {
  const inRange = p > 2n && p % 2n === 1n && g > 1n && g < p && number > 0n && number < p;
  const orderFits = q === undefined || (q > 1n && q < p);
  if (!inRange || !orderFits || bitLength(p) > longestPrime) {
    throw malformed("DH key: its numbers do not belong together");
  }
}

function numberOf(key: Buffer): bigint {
  const reader = new DerReader(key, "DH key");
  const number = reader.integer();
  reader.end();
  return number;
}

/** A DH private key in numbers (KMIP 2.1 §3.9). Throws KmipError `InvalidField`. */
export function dhPrivateFrom(material: TransparentKeyMaterial): Understood {
  const { x } = material;
  if (x === undefined) throw malformed("transparent DH private key");
  return dhPrivate(domainOf(material), x);
}

/** A DH public key in numbers (KMIP 2.1 §3.10). Throws KmipError `InvalidField`. */
export function dhPublicFrom(material: TransparentKeyMaterial): Understood {
  const { y } = material;
  if (y === undefined) throw malformed("transparent DH public key");
  return dhPublic(domainOf(material), y);
}

/** A DH private key out of its envelope, where `key` is the INTEGER x. Throws KmipError `InvalidField`. */
export function dhPrivateIn(domain: DhDomain, key: Buffer): Understood {
  return dhPrivate(domain, numberOf(key));
}

/** A DH public key out of its envelope, where `key` is the INTEGER y. Throws KmipError `InvalidField`. */
export function dhPublicIn(domain: DhDomain, key: Buffer): Understood {
  return dhPublic(domain, numberOf(key));
}

function dhPrivate(domain: DhDomain, x: bigint): Understood {
  checked(domain, x);
  const value = writePkcs8({ name: "dh", domain }, integerElement(x));
  return { form: "private", keyType: "dh", softwareOnly: true, bits: bitLength(domain.p), value };
}

function dhPublic(domain: DhDomain, y: bigint): Understood {
  checked(domain, y);
  const value = writeSubjectPublicKeyInfo({ name: "dh", domain }, integerElement(y));
  return { form: "public", keyType: "dh", softwareOnly: true, bits: bitLength(domain.p), value };
}

function domainIn(algorithm: KeyAlgorithm): DhDomain {
  if (algorithm.name !== "dh") throw malformed("DH key");
  return algorithm.domain;
}

/** The numbers of a DH private key that is kept as PKCS#8. */
export function dhPrivateNumbers(pkcs8: Buffer): TransparentKeyMaterial {
  const { algorithm, key } = readPkcs8(pkcs8);
  return { ...domainIn(algorithm), x: numberOf(key) };
}

/** The numbers of a DH public key that is kept as SubjectPublicKeyInfo. */
export function dhPublicNumbers(subjectPublicKeyInfo: Buffer): TransparentKeyMaterial {
  const { algorithm, key } = readSubjectPublicKeyInfo(subjectPublicKeyInfo);
  return { ...domainIn(algorithm), y: numberOf(key) };
}

/** A DH key in the envelope of PKCS#3, as node:crypto agrees with it; undefined for other keys, and for those that are so. */
export function dhWithoutOrder(der: Buffer, half: "private" | "public"): Buffer | undefined {
  const { algorithm, key } = half === "private" ? readPkcs8(der) : readSubjectPublicKeyInfo(der);
  if (algorithm.name !== "dh" || algorithm.domain.q === undefined) return undefined;
  const { p, g } = algorithm.domain;
  const plain = { name: "dh", domain: { p, g } } as const;
  return half === "private" ? writePkcs8(plain, Buffer.from(key)) : writeSubjectPublicKeyInfo(plain, key);
}

import { type Curve, curveByIdentifier } from "./curves.js";
import { DerReader, DerTag, element, identifierElement, integerElement } from "./der.js";

const rsaEncryption = "2a864886f70d010101";
const idEcPublicKey = "2a8648ce3d0201";

const idDsa = "2a8648ce380401";

/** Edwards curves by their object identifier (RFC 8410 §3). */
const edwardsCurves: ReadonlyMap<string, "Ed25519" | "Ed448"> = new Map<string, "Ed25519" | "Ed448">([
  ["2b6570", "Ed25519"],
  ["2b6571", "Ed448"],
]);

/** Montgomery curves, on which keys agree on secrets. */
export type MontgomeryCurve = "X25519" | "X448";

/** Montgomery curves by their object identifier (RFC 8410 §3). */
const montgomeryCurves: ReadonlyMap<string, MontgomeryCurve> = new Map<string, MontgomeryCurve>([
  ["2b656e", "X25519"],
  ["2b656f", "X448"],
]);

/** dhKeyAgreement of PKCS#3, and dhpublicnumber of X9.42, which names the order too (RFC 3279 §2.3.3). */
const dhKeyAgreement = "2a864886f70d010301";
const dhPublicNumber = "2a8648ce3e0201";

/** The numbers that DH keys share: prime and generator, and where known order and cofactor (RFC 2631 §2.1). */
export interface DhDomain {
  readonly p: bigint;
  readonly g: bigint;
  readonly q?: bigint | undefined;
  readonly j?: bigint | undefined;
}

/** The three numbers that DSA keys share (FIPS 186-4 §4.1). */
export interface DsaDomain {
  readonly p: bigint;
  readonly q: bigint;
  readonly g: bigint;
}

/** What the AlgorithmIdentifier of an envelope says; `other` for what is not understood. */
export type KeyAlgorithm =
  | { readonly name: "rsa" }
  | { readonly name: "ec"; readonly curve: Curve }
  | { readonly name: "dsa"; readonly domain: DsaDomain }
  | { readonly name: "edwards"; readonly curve: "Ed25519" | "Ed448" }
  | { readonly name: "montgomery"; readonly curve: MontgomeryCurve }
  | { readonly name: "dh"; readonly domain: DhDomain }
  | { readonly name: "other" };

/** An algorithm that keys are written in envelopes for. */
type WrittenAlgorithm = Exclude<KeyAlgorithm, { name: "other" | "edwards" | "montgomery" }>;

/** A key in an envelope that says what key it is: `key` is RSAPublicKey, RSAPrivateKey, ECPrivateKey, a point or a number. */
export interface Enveloped {
  readonly algorithm: KeyAlgorithm;
  /** Shares memory with the envelope where it was read from one. */
  readonly key: Buffer;
}

function readAlgorithm(reader: DerReader): KeyAlgorithm {
  const identifier = reader.take(DerTag.ObjectIdentifier).toString("hex");
  if (identifier === rsaEncryption) {
    if (reader.isNext(DerTag.Null)) reader.take(DerTag.Null);
    reader.end();
    return { name: "rsa" };
  }
  const edwards = edwardsCurves.get(identifier);
  if (edwards !== undefined) {
    reader.end();
    return { name: "edwards", curve: edwards };
  }
  if (identifier === idDsa && reader.isNext(DerTag.Sequence)) {
    const numbers = reader.enter(DerTag.Sequence);
    const domain = { p: numbers.integer(), q: numbers.integer(), g: numbers.integer() };
    numbers.end();
    reader.end();
    return { name: "dsa", domain };
  }
  const montgomery = montgomeryCurves.get(identifier);
  if (montgomery !== undefined) {
    reader.end();
    return { name: "montgomery", curve: montgomery };
  }
  if (identifier === dhKeyAgreement || identifier === dhPublicNumber) return readDh(reader, identifier);
  if (identifier !== idEcPublicKey || !reader.isNext(DerTag.ObjectIdentifier)) return { name: "other" };
  const curve = curveByIdentifier(reader.take(DerTag.ObjectIdentifier));
  reader.end();
  return curve === undefined ? { name: "other" } : { name: "ec", curve };
}

/** PKCS#3 gives prime and generator and perhaps a length, X9.42 also the order, and perhaps more. */
function readDh(reader: DerReader, identifier: string): KeyAlgorithm {
  const numbers = reader.enter(DerTag.Sequence);
  reader.end();
  const common = { p: numbers.integer(), g: numbers.integer() };
  if (identifier === dhKeyAgreement) {
    if (numbers.isNext(DerTag.Integer)) numbers.integer();
    numbers.end();
    return { name: "dh", domain: common };
  }
  const q = numbers.integer();
  const j = numbers.isNext(DerTag.Integer) ? numbers.integer() : undefined;
  if (numbers.isNext(DerTag.Sequence)) numbers.take(DerTag.Sequence);
  numbers.end();
  return { name: "dh", domain: { ...common, q, j } };
}

function writeDh({ p, g, q, j }: DhDomain): Buffer {
  const numbers = [p, g, q, q === undefined ? undefined : j].filter((number) => number !== undefined);
  const identifier = identifierElement(q === undefined ? dhKeyAgreement : dhPublicNumber);
  return element(DerTag.Sequence, identifier, element(DerTag.Sequence, ...numbers.map(integerElement)));
}

function writeAlgorithm(algorithm: WrittenAlgorithm): Buffer {
  switch (algorithm.name) {
    case "rsa":
      return element(DerTag.Sequence, identifierElement(rsaEncryption), element(DerTag.Null));
    case "ec":
      return element(DerTag.Sequence, identifierElement(idEcPublicKey), identifierElement(algorithm.curve.identifier));
    case "dh":
      return writeDh(algorithm.domain);
    case "dsa": {
      const { p, q, g } = algorithm.domain;
      const numbers = element(DerTag.Sequence, integerElement(p), integerElement(q), integerElement(g));
      return element(DerTag.Sequence, identifierElement(idDsa), numbers);
    }
  }
}

/** The content of a PKCS#8 PrivateKeyInfo (RFC 5208 §5, RFC 5958 §2). Throws KmipError `InvalidField`. */
export function readPkcs8(der: Buffer): Enveloped {
  const outer = new DerReader(der, "PKCS#8 private key");
  const reader = outer.enter(DerTag.Sequence);
  outer.end();
  reader.integer();
  const algorithm = readAlgorithm(reader.enter(DerTag.Sequence));
  const key = reader.take(DerTag.OctetString);
  if (reader.isNext(DerTag.Context0)) reader.take(DerTag.Context0);
  return { algorithm, key };
}

/** PKCS#8 PrivateKeyInfo DER. The key is zeroed. */
export function writePkcs8(algorithm: WrittenAlgorithm, key: Buffer): Buffer {
  return element(DerTag.Sequence, integerElement(0n), writeAlgorithm(algorithm), element(DerTag.OctetString, key));
}

/** The content of a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). Throws KmipError `InvalidField`. */
export function readSubjectPublicKeyInfo(der: Buffer): Enveloped {
  const outer = new DerReader(der, "SubjectPublicKeyInfo");
  const reader = outer.enter(DerTag.Sequence);
  outer.end();
  const algorithm = readAlgorithm(reader.enter(DerTag.Sequence));
  const key = reader.bits();
  reader.end();
  return { algorithm, key };
}

/** SubjectPublicKeyInfo DER. */
export function writeSubjectPublicKeyInfo(algorithm: WrittenAlgorithm, key: Buffer): Buffer {
  return element(
    DerTag.Sequence,
    writeAlgorithm(algorithm),
    element(DerTag.BitString, Buffer.alloc(1), Buffer.from(key)),
  );
}

import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicAlgorithm, RecommendedCurve } from "#protocol/enums/index.js";
import { type Curve, curveByValue, curveTable } from "#src/crypto/formats/curves.js";
import type { PairKeyType } from "#src/crypto/formats/key.js";
import type { GeneratePairRequest } from "#src/crypto/port.js";
import type { SoftwarePair } from "#src/crypto/software/key-pairs.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { demand } from "./requested.js";

/** The public exponent of every RSA key made here (FIPS 186-5 §5.4 asks for one above 2¹⁶). */
const rsaPublicExponent = 65537n;

/**
 * Lengths in bits of the RSA and DSA keys the server makes, and of the smallest curve (SP 800-131A). Published test cases
 * make RSA keys of 1024 bits, so tenants that take part in interoperability tests may.
 */
const lengths = { rsa: { from: 2048, to: 4096, inTestsFrom: 1024 }, dsa: [2048, 3072], smallestCurve: 224 } as const;

/** Bits of the prime q of a DSA key (FIPS 186-4 §4.2). */
const dsaDivisorBits = 256;

/** What kind of key pair is asked for, and who makes it. */
export interface PairKind {
  readonly keyType: PairKeyType;
  readonly algorithm: number;
  /** Bits. */
  readonly length: number;
  readonly maker:
    | { readonly by: "token"; readonly request: GeneratePairRequest["algorithm"] }
    | { readonly by: "software"; readonly pair: SoftwarePair };
  /** Recommended Curve. */
  readonly curve: number | undefined;
}

type Kind = (requested: AttributeSet, algorithm: number, inTests: boolean) => PairKind;

/** Asymmetric algorithms that key pairs are made for. */
const kinds: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [CryptographicAlgorithm.RSA, rsaKind],
  [CryptographicAlgorithm.ECDSA, curveKind],
  [CryptographicAlgorithm.ECDH, curveKind],
  [CryptographicAlgorithm.EC, curveKind],
  [CryptographicAlgorithm.DSA, dsaKind],
  [CryptographicAlgorithm.Ed25519, edwardsKind("ed25519", 256)],
  [CryptographicAlgorithm.Ed448, edwardsKind("ed448", 448)],
]);

/** The kind of key pair that attributes ask for; `inTests` for a tenant that takes part in tests. Throws KmipError. */
export function pairKind(requested: AttributeSet, inTests: boolean): PairKind {
  const algorithm = demand(requested.get(attributes.cryptographicAlgorithm), "Cryptographic Algorithm");
  const kind = kinds.get(algorithm);
  if (kind !== undefined) return kind(requested, algorithm, inTests);
  throw new KmipError("InvalidAttributeValue", "the server makes no key pairs of this Cryptographic Algorithm");
}

function rsaKind(requested: AttributeSet, algorithm: number, inTests: boolean): PairKind {
  const length = demand(requested.get(attributes.cryptographicLength), "Cryptographic Length");
  const { to } = lengths.rsa;
  const from = inTests ? lengths.rsa.inTestsFrom : lengths.rsa.from;
  if (length < from || length > to || length % 8 !== 0) {
    throw new KmipError("InvalidAttributeValue", `RSA keys have ${from} to ${to} bits here`);
  }
  const request = { keyType: "rsa", bits: length, publicExponent: rsaPublicExponent } as const;
  return { keyType: "rsa", algorithm, length, maker: { by: "token", request }, curve: undefined };
}

function dsaKind(requested: AttributeSet, algorithm: number): PairKind {
  const length = demand(requested.get(attributes.cryptographicLength), "Cryptographic Length");
  const divisorBits = requested.get(attributes.cryptographicDomainParameters)?.qlength ?? dsaDivisorBits;
  if (!lengths.dsa.some((each) => each === length) || divisorBits !== dsaDivisorBits) {
    throw new KmipError("InvalidAttributeValue", "DSA keys have 2048 or 3072 bits here, and a q of 256 bits");
  }
  const pair = { keyType: "dsa", bits: length, divisorBits } as const;
  return { keyType: "dsa", algorithm, length, maker: { by: "software", pair }, curve: undefined };
}

function edwardsKind(curve: "ed25519" | "ed448", bits: number): Kind {
  return (requested, algorithm) => {
    const length = requested.get(attributes.cryptographicLength) ?? bits;
    if (length !== bits) throw new KmipError("InvalidAttributeValue", `keys of this algorithm have ${bits} bits`);
    const maker = { by: "software", pair: { keyType: "edwards", curve } } as const;
    return { keyType: "edwards", algorithm, length, maker, curve: undefined };
  };
}

function curveKind(requested: AttributeSet, algorithm: number): PairKind {
  const length = requested.get(attributes.cryptographicLength);
  const named = requested.get(attributes.cryptographicDomainParameters)?.recommendedCurve;
  const curve = named === undefined ? curveOfLength(length) : curveByValue(named);
  if (curve === undefined || (length !== undefined && length !== curve.bits)) {
    throw new KmipError("InvalidAttributeValue", "the server knows no such curve");
  }
  if (curve.bits < lengths.smallestCurve) {
    throw new KmipError("InvalidAttributeValue", `EC keys have ${lengths.smallestCurve} bits and more here`);
  }
  return { keyType: "ec", algorithm, length: curve.bits, maker: makerOn(curve), curve: curve.recommendedCurve };
}

function makerOn({ name, ecdhName }: Curve): PairKind["maker"] {
  return name === null
    ? { by: "software", pair: { keyType: "ec", curve: ecdhName } }
    : { by: "token", request: { keyType: "ec", curve: name } };
}

/** The curve where only a length in bits is asked for: the token's, else that of NIST. */
function curveOfLength(bits: number | undefined): Curve | undefined {
  if (bits === undefined) return curveByValue(RecommendedCurve.P_256);
  const fitting = curveTable.filter((curve) => curve.bits === bits);
  return fitting.find(({ name }) => name !== null) ?? fitting[0];
}

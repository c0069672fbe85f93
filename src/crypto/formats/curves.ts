import { RecommendedCurve } from "#protocol/enums/index.js";
import type { CurveName } from "../port.js";

/** One elliptic curve over a prime field, in the names of everybody who names it. */
export interface Curve {
  /** Value of the Recommended Curve enumeration. */
  readonly recommendedCurve: number;
  /** Content octets of its object identifier in hexadecimal (RFC 5480 §2.1.1.1, SEC 2). */
  readonly identifier: string;
  /** As node:crypto's ECDH calls it. */
  readonly ecdhName: string;
  /** Size of the field in bits. */
  readonly bits: number;
  /** As the partition calls it; null where keys on the curve are kept as bytes only. */
  readonly name: CurveName | null;
}

/** The curves whose keys are understood. */
export const curveTable: readonly Curve[] = [
  {
    recommendedCurve: RecommendedCurve.P_256,
    identifier: "2a8648ce3d030107",
    ecdhName: "prime256v1",
    bits: 256,
    name: "P-256",
  },
  {
    recommendedCurve: RecommendedCurve.P_384,
    identifier: "2b81040022",
    ecdhName: "secp384r1",
    bits: 384,
    name: "P-384",
  },
  {
    recommendedCurve: RecommendedCurve.P_521,
    identifier: "2b81040023",
    ecdhName: "secp521r1",
    bits: 521,
    name: "P-521",
  },
  { recommendedCurve: RecommendedCurve.P_224, identifier: "2b81040021", ecdhName: "secp224r1", bits: 224, name: null },
  {
    recommendedCurve: RecommendedCurve.SECP256K1,
    identifier: "2b8104000a",
    ecdhName: "secp256k1",
    bits: 256,
    name: null,
  },
];

/** The curve with this Recommended Curve value, or undefined. */
export function curveByValue(value: number): Curve | undefined {
  return curveTable.find((curve) => curve.recommendedCurve === value);
}

/** The curve with this object identifier (content octets), or undefined. */
export function curveByIdentifier(content: Buffer): Curve | undefined {
  const hexadecimal = content.toString("hex");
  return curveTable.find((curve) => curve.identifier === hexadecimal);
}

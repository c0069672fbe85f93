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
  /** As the partition calls it; null where only software uses keys on the curve. */
  readonly name: CurveName | null;
}

function curve(
  recommendedCurve: number,
  identifier: string,
  ecdhName: string,
  bits: number,
  name: CurveName | null = null,
): Curve {
  return { recommendedCurve, identifier, ecdhName, bits, name };
}

/**
 * The curves whose keys are understood: those over prime fields that node:crypto knows and whose order is no longer than
 * the field.
 */
export const curveTable: readonly Curve[] = [
  curve(RecommendedCurve.P_192, "2a8648ce3d030101", "prime192v1", 192),
  curve(RecommendedCurve.P_224, "2b81040021", "secp224r1", 224),
  curve(RecommendedCurve.P_256, "2a8648ce3d030107", "prime256v1", 256, "P-256"),
  curve(RecommendedCurve.P_384, "2b81040022", "secp384r1", 384, "P-384"),
  curve(RecommendedCurve.P_521, "2b81040023", "secp521r1", 521, "P-521"),
  curve(RecommendedCurve.SECP112R1, "2b81040006", "secp112r1", 112),
  curve(RecommendedCurve.SECP112R2, "2b81040007", "secp112r2", 112),
  curve(RecommendedCurve.SECP128R1, "2b8104001c", "secp128r1", 128),
  curve(RecommendedCurve.SECP128R2, "2b8104001d", "secp128r2", 128),
  curve(RecommendedCurve.SECP192K1, "2b8104001f", "secp192k1", 192),
  curve(RecommendedCurve.SECP256K1, "2b8104000a", "secp256k1", 256),
  curve(RecommendedCurve.ANSIX9P192V2, "2a8648ce3d030102", "prime192v2", 192),
  curve(RecommendedCurve.ANSIX9P192V3, "2a8648ce3d030103", "prime192v3", 192),
  curve(RecommendedCurve.ANSIX9P239V1, "2a8648ce3d030104", "prime239v1", 239),
  curve(RecommendedCurve.ANSIX9P239V2, "2a8648ce3d030105", "prime239v2", 239),
  curve(RecommendedCurve.ANSIX9P239V3, "2a8648ce3d030106", "prime239v3", 239),
  curve(RecommendedCurve.BRAINPOOLP160R1, "2b2403030208010101", "brainpoolP160r1", 160),
  curve(RecommendedCurve.BRAINPOOLP160T1, "2b2403030208010102", "brainpoolP160t1", 160),
  curve(RecommendedCurve.BRAINPOOLP192R1, "2b2403030208010103", "brainpoolP192r1", 192),
  curve(RecommendedCurve.BRAINPOOLP192T1, "2b2403030208010104", "brainpoolP192t1", 192),
  curve(RecommendedCurve.BRAINPOOLP224R1, "2b2403030208010105", "brainpoolP224r1", 224),
  curve(RecommendedCurve.BRAINPOOLP224T1, "2b2403030208010106", "brainpoolP224t1", 224),
  curve(RecommendedCurve.BRAINPOOLP256R1, "2b2403030208010107", "brainpoolP256r1", 256),
  curve(RecommendedCurve.BRAINPOOLP256T1, "2b2403030208010108", "brainpoolP256t1", 256),
  curve(RecommendedCurve.BRAINPOOLP320R1, "2b2403030208010109", "brainpoolP320r1", 320),
  curve(RecommendedCurve.BRAINPOOLP320T1, "2b240303020801010a", "brainpoolP320t1", 320),
  curve(RecommendedCurve.BRAINPOOLP384R1, "2b240303020801010b", "brainpoolP384r1", 384),
  curve(RecommendedCurve.BRAINPOOLP384T1, "2b240303020801010c", "brainpoolP384t1", 384),
  curve(RecommendedCurve.BRAINPOOLP512R1, "2b240303020801010d", "brainpoolP512r1", 512),
  curve(RecommendedCurve.BRAINPOOLP512T1, "2b240303020801010e", "brainpoolP512t1", 512),
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

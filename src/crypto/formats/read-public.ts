import { KeyFormatType } from "#protocol/enums/index.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { compressionOf } from "./compression.js";
import { type Curve, curveByValue } from "./curves.js";
import { bitLength, malformed } from "./der.js";
import { dhPublicFrom, dhPublicIn } from "./dh.js";
import { dsaPublicFrom, dsaPublicIn } from "./dsa.js";
import { convertPoint } from "./ec.js";
import { edwardsKey } from "./edwards.js";
import { readSubjectPublicKeyInfo, writeSubjectPublicKeyInfo } from "./envelopes.js";
import type { Understood } from "./key.js";
import { bytesOf, type Material, structureOf } from "./material.js";
import { montgomeryKey } from "./montgomery.js";
import { publicNumbersOf, type RsaPublicNumbers, readRsaPublicKey, writeRsaPublicKey } from "./rsa.js";
import { algorithmOfTransparentEc, transparentEcFormats } from "./transparent-ec.js";

type Reader = (material: Material, keyFormatType: number) => Understood | undefined;

/** Formats of public keys; a reader gives undefined for a key that the partition cannot use. */
const readers: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [KeyFormatType.Raw, (material) => fromRaw(bytesOf(material))],
  [KeyFormatType.Opaque, () => undefined],
  [KeyFormatType.PKCS_1, (material) => fromRsa(readRsaPublicKey(bytesOf(material)))],
  [KeyFormatType.X_509, (material) => fromSubjectPublicKeyInfo(bytesOf(material))],
  [KeyFormatType.TransparentRSAPublicKey, (material) => fromRsa(publicNumbersOf(structureOf(material)))],
  [KeyFormatType.TransparentDSAPublicKey, (material) => dsaPublicFrom(structureOf(material))],
  [KeyFormatType.TransparentDHPublicKey, (material) => dhPublicFrom(structureOf(material))],
  ...transparentEcFormats("public").map((format): [number, Reader] => [format, fromTransparentEc]),
]);

/**
 * The public key in a format, as SubjectPublicKeyInfo DER with its point uncompressed; undefined for one that is to be
 * kept as it came: of another algorithm or curve than the partition knows. Throws KmipError.
 */
export function readPublic(keyFormatType: number, material: Material): Understood | undefined {
  const reader = readers.get(keyFormatType);
  if (reader !== undefined) return reader(material, keyFormatType);
  throw new KmipError("KeyFormatTypeNotSupported", "public keys are not taken in this Key Format Type");
}

function fromRsa(numbers: RsaPublicNumbers): Understood {
  return {
    form: "public",
    keyType: "rsa",
    bits: bitLength(numbers.modulus),
    value: writeSubjectPublicKeyInfo({ name: "rsa" }, writeRsaPublicKey(numbers)),
  };
}

/** Raw public keys are SubjectPublicKeyInfo with the clients that use them; anything else is kept as it came. */
function fromRaw(bytes: Buffer): Understood | undefined {
  try {
    return fromSubjectPublicKeyInfo(bytes);
  } catch (error) {
    if (error instanceof KmipError) return undefined;
    throw error;
  }
}

function fromSubjectPublicKeyInfo(der: Buffer): Understood | undefined {
  const { algorithm, key } = readSubjectPublicKeyInfo(der);
  switch (algorithm.name) {
    case "rsa":
      return fromRsa(readRsaPublicKey(key));
    case "ec":
      return fromPoint(algorithm.curve, key);
    case "dsa":
      return dsaPublicIn(algorithm.domain, key);
    case "edwards":
      return edwardsKey("public", algorithm.curve, { der, key });
    case "dh":
      return dhPublicIn(algorithm.domain, key);
    case "montgomery":
      return montgomeryKey("public", algorithm.curve, { der, key });
    case "other":
      return undefined;
  }
}

function fromTransparentEc(material: Material, keyFormatType: number): Understood | undefined {
  const { recommendedCurve, qString } = structureOf(material);
  if (recommendedCurve === undefined || qString === undefined) throw malformed("transparent EC public key");
  const curve = curveByValue(recommendedCurve);
  const key = curve === undefined ? undefined : fromPoint(curve, qString);
  return key === undefined ? undefined : { ...key, algorithm: algorithmOfTransparentEc(keyFormatType) };
}

function fromPoint(curve: Curve, point: Buffer): Understood | undefined {
  const uncompressed = convertPoint(curve, point, "uncompressed");
  return {
    form: "public",
    keyType: "ec",
    softwareOnly: curve.name === null,
    bits: curve.bits,
    curve: curve.recommendedCurve,
    value: writeSubjectPublicKeyInfo({ name: "ec", curve }, uncompressed),
    keyCompressionType: compressionOf(point),
  };
}

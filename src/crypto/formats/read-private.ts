import { KeyFormatType } from "#protocol/enums/index.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { type Curve, curveByValue } from "./curves.js";
import { bitLength, malformed, toUnsigned } from "./der.js";
import { dhPrivateFrom, dhPrivateIn } from "./dh.js";
import { dsaPrivateFrom, dsaPrivateIn } from "./dsa.js";
import { convertPoint, ecPrivateKey, type RawEcPrivateKey, readEcPrivateKey, writeEcPrivateKey } from "./ec.js";
import { edwardsKey } from "./edwards.js";
import { readPkcs8, writePkcs8 } from "./envelopes.js";
import type { Understood } from "./key.js";
import { bytesOf, type Material, structureOf } from "./material.js";
import { montgomeryKey } from "./montgomery.js";
import { privateNumbersOf, type RsaPrivateNumbers, readRsaPrivateKey, writeRsaPrivateKey } from "./rsa.js";
import { algorithmOfTransparentEc, transparentEcFormats } from "./transparent-ec.js";

type Reader = (material: Material, keyFormatType: number) => Understood | undefined;

/** Formats of private keys; a reader gives undefined for a key that the partition cannot use. */
const readers: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [KeyFormatType.Raw, () => undefined],
  [KeyFormatType.Opaque, () => undefined],
  [KeyFormatType.PKCS_1, (material) => fromRsa(readRsaPrivateKey(bytesOf(material)))],
  [KeyFormatType.PKCS_8, (material) => fromPkcs8(bytesOf(material))],
  [KeyFormatType.ECPrivateKey, (material) => fromEc(readEcPrivateKey(bytesOf(material)))],
  [KeyFormatType.TransparentRSAPrivateKey, (material) => fromRsa(privateNumbersOf(structureOf(material)))],
  [KeyFormatType.TransparentDSAPrivateKey, (material) => dsaPrivateFrom(structureOf(material))],
  [KeyFormatType.TransparentDHPrivateKey, (material) => dhPrivateFrom(structureOf(material))],
  ...transparentEcFormats("private").map((format): [number, Reader] => [format, fromTransparentEc]),
]);

/**
 * The private key in a format, as PKCS#8 DER; undefined for one that is to be kept as it came: of another algorithm or
 * curve than the partition knows. Throws KmipError.
 */
export function readPrivate(keyFormatType: number, material: Material): Understood | undefined {
  const reader = readers.get(keyFormatType);
  if (reader !== undefined) return reader(material, keyFormatType);
  throw new KmipError("KeyFormatTypeNotSupported", "private keys are not taken in this Key Format Type");
}

function fromRsa(numbers: RsaPrivateNumbers): Understood {
  return {
    form: "private",
    keyType: "rsa",
    bits: bitLength(numbers.modulus),
    value: writePkcs8({ name: "rsa" }, writeRsaPrivateKey(numbers)),
  };
}

function fromPkcs8(der: Buffer): Understood | undefined {
  const { algorithm, key } = readPkcs8(der);
  switch (algorithm.name) {
    case "rsa":
      return fromRsa(readRsaPrivateKey(key));
    case "ec":
      return fromEc(readEcPrivateKey(key, algorithm.curve));
    case "dsa":
      return dsaPrivateIn(algorithm.domain, key);
    case "edwards":
      return edwardsKey("private", algorithm.curve, { der, key });
    case "dh":
      return dhPrivateIn(algorithm.domain, key);
    case "montgomery":
      return montgomeryKey("private", algorithm.curve, { der, key });
    case "other":
      return undefined;
  }
}

function fromTransparentEc(material: Material, keyFormatType: number): Understood | undefined {
  const { recommendedCurve, d } = structureOf(material);
  if (recommendedCurve === undefined || d === undefined || d < 0n) throw malformed("transparent EC private key");
  const key = fromEc({ curve: curveByValue(recommendedCurve), d: toUnsigned(d), point: undefined });
  return key === undefined ? undefined : { ...key, algorithm: algorithmOfTransparentEc(keyFormatType) };
}

function fromEc({ curve, d, point }: RawEcPrivateKey): Understood | undefined {
  if (curve === undefined) return undefined;
  const key = ecPrivateKey(curve, d);
  try {
    if (point !== undefined && !convertPoint(curve, point, "uncompressed").equals(key.point)) {
      throw malformed("EC private key: its public key is another's");
    }
    return understood(curve, writeEcPrivateKey(key, { withCurve: false }));
  } finally {
    key.d.fill(0);
  }
}

function understood(curve: Curve, privateKey: Buffer): Understood {
  return {
    form: "private",
    keyType: "ec",
    softwareOnly: curve.name === null,
    bits: curve.bits,
    curve: curve.recommendedCurve,
    value: writePkcs8({ name: "ec", curve }, privateKey),
  };
}

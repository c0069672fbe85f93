import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { CryptographicAlgorithm, KeyFormatType, ObjectType, RecommendedCurve } from "#protocol/enums/index.js";
import { type KeyBlock, keyBlock } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V1_2 } from "#protocol/versions.js";
import type { ReadKey } from "#src/crypto/formats/key.js";
import { type WriteKey, writeKeyBlock } from "#src/crypto/formats/write-key.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** A key pair of node:crypto, with what a Key Block says of it. */
export interface Pair {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly bits: number;
  readonly algorithm: number;
  readonly curve?: number;
}

const curves = [
  { name: "P-256", bits: 256, curve: RecommendedCurve.P_256 },
  { name: "P-384", bits: 384, curve: RecommendedCurve.P_384 },
  { name: "P-521", bits: 521, curve: RecommendedCurve.P_521 },
];

/** An RSA pair. */
export const rsa: Pair = {
  name: "RSA",
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }),
  bits: 2048,
  algorithm: CryptographicAlgorithm.RSA,
};
/** EC pairs, one a curve. */
export const ecPairs: readonly Pair[] = curves.map(({ name, bits, curve }) => ({
  name,
  ...generateKeyPairSync("ec", { namedCurve: name }),
  bits,
  curve,
  algorithm: CryptographicAlgorithm.EC,
}));

const transparentEcPrivate = [
  KeyFormatType.TransparentECPrivateKey,
  KeyFormatType.TransparentECDSAPrivateKey,
  KeyFormatType.TransparentECDHPrivateKey,
  KeyFormatType.TransparentECMQVPrivateKey,
];
const transparentEcPublic = [
  KeyFormatType.TransparentECPublicKey,
  KeyFormatType.TransparentECDSAPublicKey,
  KeyFormatType.TransparentECDHPublicKey,
  KeyFormatType.TransparentECMQVPublicKey,
];

/** Which formats keys of each kind go through. */
export const cases = [
  {
    objectType: ObjectType.PrivateKey,
    pairs: [rsa],
    formats: [KeyFormatType.PKCS_1, KeyFormatType.PKCS_8, KeyFormatType.TransparentRSAPrivateKey],
  },
  {
    objectType: ObjectType.PublicKey,
    pairs: [rsa],
    formats: [KeyFormatType.PKCS_1, KeyFormatType.X_509, KeyFormatType.Raw, KeyFormatType.TransparentRSAPublicKey],
  },
  {
    objectType: ObjectType.PrivateKey,
    pairs: ecPairs,
    formats: [KeyFormatType.ECPrivateKey, KeyFormatType.PKCS_8, ...transparentEcPrivate],
  },
  {
    objectType: ObjectType.PublicKey,
    pairs: ecPairs,
    formats: [KeyFormatType.X_509, KeyFormatType.Raw, ...transparentEcPublic],
  },
];

/** The key as the server keeps it. */
export function internal(pair: Pair, objectType: number): Buffer {
  return objectType === ObjectType.PrivateKey
    ? pair.privateKey.export({ type: "pkcs8", format: "der" })
    : pair.publicKey.export({ type: "spki", format: "der" });
}

/** The Key Block of a key in a format. */
export function writeAs(
  pair: Pair,
  objectType: number,
  requestedFormat: number,
  more: Partial<WriteKey> = {},
): KeyBlock {
  return writeKeyBlock({
    form: objectType === ObjectType.PrivateKey ? "private" : "public",
    keyType: pair.curve === undefined ? "rsa" : "ec",
    value: internal(pair, objectType),
    version: V1_2,
    registeredFormat: undefined,
    requestedFormat,
    algorithm: pair.algorithm,
    bits: pair.bits,
    ...more,
  });
}

/** The Key Block as a client would send it back: through TTLV. */
export function overTheWire(block: KeyBlock): KeyBlock {
  const bytes = encodeItem(keyBlock.encode(Tag.KeyBlock, block, { version: V1_2 }));
  return keyBlock.decode(decodeItem(bytes), { version: V1_2 });
}

/** The Key Material of a format that is bytes. */
export function materialOf(block: KeyBlock): Buffer {
  const { keyValue } = block;
  if (keyValue === undefined || Buffer.isBuffer(keyValue) || !Buffer.isBuffer(keyValue.keyMaterial)) {
    throw new TypeError("the Key Material is not bytes");
  }
  return keyValue.keyMaterial;
}

/** The reason of the KmipError that a call throws. */
export function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof KmipError) return error.reason;
    throw error;
  }
  return "nothing was refused";
}

/** A key that was read, to be written again. */
export function writing(read: ReadKey): Omit<WriteKey, "version"> {
  const { keyFormatType, keyCompressionType, ...rest } = read;
  return { ...rest, registeredFormat: keyFormatType, registeredCompression: keyCompressionType };
}

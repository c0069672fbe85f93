import { createHash } from "node:crypto";
import { HashingAlgorithm, KeyFormatType } from "#protocol/enums/index.js";
import type { Digest } from "#protocol/structures/attribute-values.js";
import { type KeyBlock, transparentKeyMaterial } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { type ProtocolVersion, V2_0, V2_1 } from "#protocol/versions.js";
import { readEcPrivateKey } from "#src/crypto/formats/ec.js";
import { readPkcs8 } from "#src/crypto/formats/envelopes.js";
import type { ReadKey } from "#src/crypto/formats/key.js";
import type { Material } from "#src/crypto/formats/material.js";
import { defaultKeyFormat, writeKeyBlock } from "#src/crypto/formats/write-key.js";

/** SHA-256. */
export function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** The digest of Key Material: of the bytes, or of the TTLV of a structure (KMIP 2.1 §4.21). */
function digestOf(material: Material): Buffer {
  if (Buffer.isBuffer(material)) return sha256(material);
  const encoded = encodeItem(transparentKeyMaterial.encode(Tag.KeyMaterial, material, { version: V2_1 }));
  const digest = sha256(encoded);
  encoded.fill(0);
  return digest;
}

/** The digests of a registered key, the one that its version makes mandatory first. */
export interface KeyDigests {
  readonly digest: Buffer;
  readonly digestFormat: number;
  readonly otherDigests: readonly Digest[];
}

/**
 * The digests of a key that a client brought: in the format it came in and, since 2.0, before it in the default format
 * of its type and algorithm (KMIP 1.4 §3.17, 2.1 §4.21).
 */
export function digestsOf({ keyValue, keyFormatType }: KeyBlock, key: ReadKey, version: ProtocolVersion): KeyDigests {
  const plain = keyValue === undefined || Buffer.isBuffer(keyValue) ? key.value : keyValue.keyMaterial;
  const registered = { digest: digestOf(plain), digestFormat: keyFormatType };
  const format = defaultKeyFormat(key.form, key.keyType, V2_0);
  if (version < V2_0 || key.form === "bytes" || format === keyFormatType) return { ...registered, otherDigests: [] };
  return {
    digest: defaultDigest(key, format),
    digestFormat: format,
    otherDigests: [
      { hashingAlgorithm: HashingAlgorithm.SHA_256, digestValue: registered.digest, keyFormatType: keyFormatType },
    ],
  };
}

function defaultDigest({ form, keyType, value }: ReadKey, format: number): Buffer {
  if (format === KeyFormatType.TransparentECPrivateKey) return transparentEcDigest(value);
  const block = writeKeyBlock({ form, keyType, value, version: V2_1, registeredFormat: format });
  const { keyValue } = block;
  if (keyValue === undefined || Buffer.isBuffer(keyValue)) throw new TypeError("a plain Key Block has a Key Value");
  const digest = digestOf(keyValue.keyMaterial);
  if (Buffer.isBuffer(keyValue.keyMaterial)) keyValue.keyMaterial.fill(0);
  return digest;
}

/**
 * The digest of a Transparent EC Private Key from its PKCS#8 DER, over the same bytes as `digestOf` makes of a structure: the
 * private number is no BigInt on the way, which could not be zeroed.
 */
function transparentEcDigest(pkcs8: Buffer): Buffer {
  const { algorithm, key } = readPkcs8(pkcs8);
  const { curve, d } = readEcPrivateKey(key, algorithm.name === "ec" ? algorithm.curve : undefined);
  if (curve === undefined) throw new TypeError("a key of a curve that is not known has no transparent format");
  const digits = d.subarray(d.findIndex((byte) => byte !== 0));
  const length = Math.floor(digits.length / 8 + ((digits[0] ?? 0) < 0x80 && digits.length % 8 === 0 ? 0 : 1)) * 8;
  const placeholder = 1n << BigInt(8 * length - 2);
  const material = { recommendedCurve: curve.recommendedCurve, d: placeholder };
  const encoded = encodeItem(transparentKeyMaterial.encode(Tag.KeyMaterial, material, { version: V2_1 }));
  digits.copy(encoded.fill(0, encoded.length - length), encoded.length - digits.length);
  const digest = sha256(encoded);
  encoded.fill(0);
  return digest;
}

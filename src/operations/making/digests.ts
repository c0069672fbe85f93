import { createHash } from "node:crypto";
import { HashingAlgorithm } from "#protocol/enums/index.js";
import type { Digest } from "#protocol/structures/attribute-values.js";
import { type KeyBlock, transparentKeyMaterial } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { type ProtocolVersion, V2_0, V2_1 } from "#protocol/versions.js";
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
  const block = writeKeyBlock({ form, keyType, value, version: V2_1, registeredFormat: format });
  const { keyValue } = block;
  if (keyValue === undefined || Buffer.isBuffer(keyValue)) throw new TypeError("a plain Key Block has a Key Value");
  const digest = digestOf(keyValue.keyMaterial);
  if (Buffer.isBuffer(keyValue.keyMaterial)) keyValue.keyMaterial.fill(0);
  return digest;
}

import { KeyFormatType, ObjectType } from "#protocol/enums/index.js";
import { type KeyBlock, transparentKeyMaterial } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V2_1 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { pairAlgorithms, symmetricAlgorithm } from "./algorithms.js";
import { pointForm } from "./compression.js";
import { malformed } from "./der.js";
import type { Declared, ReadKey, Understood } from "./key.js";
import { bytesOf, type Material, structureOf } from "./material.js";
import { readPrivate } from "./read-private.js";
import { readPublic } from "./read-public.js";

/**
 * Understands the Key Block of an object. What it declares must agree with the material, and with what the request's
 * attributes declare. Throws KmipError.
 */
export function readKeyBlock(objectType: number, block: KeyBlock, attributes: Declared = {}): ReadKey {
  const material = plainMaterial(block);
  const declared = {
    algorithm: agreed(block.cryptographicAlgorithm, attributes.algorithm, "Cryptographic Algorithm"),
    length: agreed(block.cryptographicLength, attributes.length, "Cryptographic Length"),
  };
  switch (objectType) {
    case ObjectType.SymmetricKey:
      return readSymmetric(block, material, declared);
    case ObjectType.PrivateKey:
      return readPair(block, material, declared, readPrivate(block.keyFormatType, material));
    case ObjectType.PublicKey:
      return readPair(block, material, declared, readPublic(block.keyFormatType, material));
    default:
      return asItCame(block, material, declared);
  }
}

function plainMaterial({ keyValue, keyWrappingData }: KeyBlock): Material {
  if (keyValue === undefined) throw new KmipError("InvalidField", "the Key Block has no Key Value");
  if (Buffer.isBuffer(keyValue) || keyWrappingData !== undefined) {
    throw new KmipError("InvalidField", "the Key Value is wrapped");
  }
  return keyValue.keyMaterial;
}

/** What the Key Block and the request declare, or the one that speaks. Throws KmipError where they differ. */
export function agreed(inBlock: number | undefined, inRequest: number | undefined, what: string): number | undefined {
  if (inBlock !== undefined && inRequest !== undefined && inBlock !== inRequest) {
    throw new KmipError("InvalidField", `the Key Block and the attributes differ in the ${what}`);
  }
  return inBlock ?? inRequest;
}

function readSymmetric(block: KeyBlock, material: Material, declared: Declared): ReadKey {
  const value = symmetricValue(block.keyFormatType, material);
  if (value === undefined) return asItCame(block, material, declared);
  if (value.length === 0) throw malformed("key: it is empty");
  const { keyType, lengths } = symmetricAlgorithm(declared.algorithm);
  const possible = lengths === undefined ? [value.length * 8] : lengths.get(value.length);
  if (possible === undefined)
    throw malformed("key of its Cryptographic Algorithm: its length is none of that algorithm");
  if (declared.length !== undefined && !possible.includes(declared.length)) throw lengthDiffers();
  return {
    form: keyType === null ? "bytes" : "secret",
    keyType: keyType ?? "generic",
    algorithm: declared.algorithm,
    bits: declared.length ?? possible[0],
    value: Buffer.from(value),
    keyFormatType: block.keyFormatType,
  };
}

function symmetricValue(keyFormatType: number, material: Material): Buffer | undefined {
  switch (keyFormatType) {
    case KeyFormatType.Raw:
      return bytesOf(material);
    case KeyFormatType.TransparentSymmetricKey:
      return structureOf(material).key ?? missing("Key");
    case KeyFormatType.Opaque:
      return undefined;
    default:
      throw new KmipError("KeyFormatTypeNotSupported", "symmetric keys have no such Key Format Type");
  }
}

function missing(field: string): never {
  throw malformed(`transparent key: it has no ${field}`);
}

function readPair(block: KeyBlock, material: Material, declared: Declared, key: Understood | undefined): ReadKey {
  if (key === undefined) return asItCame(block, material, declared);
  const possible = pairAlgorithms[key.keyType];
  if (declared.algorithm !== undefined && !possible.includes(declared.algorithm)) {
    key.value.fill(0);
    throw new KmipError("InvalidField", "the key is none of its Cryptographic Algorithm");
  }
  if (declared.algorithm !== undefined && key.keyType === "edwards" && declared.algorithm !== key.algorithm) {
    key.value.fill(0);
    throw new KmipError("InvalidField", "the key is on another curve than its Cryptographic Algorithm says");
  }
  if (declared.length !== undefined && declared.length !== key.bits) {
    key.value.fill(0);
    throw lengthDiffers();
  }
  if (key.form === "public" && key.keyType === "ec") checkCompression(block, key);
  return {
    ...key,
    algorithm: declared.algorithm ?? key.algorithm ?? possible[0],
    keyFormatType: block.keyFormatType,
  };
}

/** What the Key Block says of compression must be what the point shows; where it says nothing the point speaks. */
function checkCompression({ keyCompressionType }: KeyBlock, key: Understood): void {
  if (keyCompressionType === undefined) return;
  if (pointForm(keyCompressionType) !== pointForm(key.keyCompressionType)) {
    throw new KmipError("InvalidField", "the public key is not compressed as the Key Compression Type says");
  }
}

function lengthDiffers(): KmipError {
  return new KmipError("InvalidField", "the key has another length than its Cryptographic Length says");
}

/** Material that is kept and given back exactly as it came. */
function asItCame(block: KeyBlock, material: Material, declared: Declared): ReadKey {
  const structured = !Buffer.isBuffer(material);
  return {
    form: "bytes",
    keyType: "generic",
    algorithm: declared.algorithm,
    bits: declared.length,
    value: structured
      ? encodeItem(transparentKeyMaterial.encode(Tag.KeyMaterial, material, { version: V2_1 }))
      : Buffer.from(material),
    structured,
    keyFormatType: block.keyFormatType,
    keyCompressionType: block.keyCompressionType,
  };
}

import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType } from "#protocol/enums/index.js";
import { type KeyBlock, keyWrappingData } from "#protocol/structures/key-block.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { V2_1 } from "#protocol/versions.js";
import { writeKeyBlock } from "#src/crypto/formats/write-key.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import type { ManagedObject, Material } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";

/** The formats a client asks for; undefined means as the object is. */
export interface RequestedFormat {
  readonly keyFormatType?: number | undefined;
  readonly keyCompressionType?: number | undefined;
}

/**
 * The Key Block of an object in plaintext, in the format asked for. The plaintext is in the answer and nowhere else
 * when this is done. Throws KmipError and CryptoError.
 */
export async function plainKeyBlock(
  context: OperationContext,
  object: ManagedObject,
  requested: RequestedFormat,
): Promise<KeyBlock> {
  const material = materialOf(object);
  const value = await context.keys.plaintext(object);
  try {
    return writeKeyBlock({
      form: material.form === "certificate" ? "bytes" : material.form,
      keyType: material.keyType,
      value,
      structured: material.structured,
      version: context.version,
      registeredFormat: material.keyFormatType,
      requestedFormat: requested.keyFormatType,
      registeredCompression: material.keyCompressionType,
      requestedCompression: requested.keyCompressionType,
      ...declared(object),
    });
  } finally {
    if (value !== material.blob) value.fill(0);
  }
}

/** Cryptographic Algorithm and Length of the Key Block; secret data has neither (KMIP 2.1 §3.1). */
export function declared({ objectType, attributes: set }: ManagedObject): { algorithm?: number; bits?: number } {
  const algorithm = set.get(attributes.cryptographicAlgorithm);
  const bits = set.get(attributes.cryptographicLength);
  if (objectType === ObjectType.SecretData || algorithm === undefined || bits === undefined) return {};
  return { algorithm, bits };
}

/** The Key Block of an object that was registered wrapped, exactly as it came. */
export async function registeredKeyBlock(
  context: OperationContext,
  object: ManagedObject,
  wrapping: Buffer,
): Promise<KeyBlock> {
  const { keyFormatType, keyCompressionType, structured }: Material = materialOf(object);
  const bytes = await context.keys.plaintext(object);
  const { algorithm, bits } = declared(object);
  return {
    keyFormatType: keyFormatType ?? 0,
    keyCompressionType,
    keyValue: structured === true ? { keyMaterial: bytes } : bytes,
    cryptographicAlgorithm: algorithm,
    cryptographicLength: bits,
    keyWrappingData: keyWrappingData.decode(decodeItem(wrapping), { version: V2_1 }),
  };
}

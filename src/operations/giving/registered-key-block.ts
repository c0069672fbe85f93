import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType } from "#protocol/enums/index.js";
import { type KeyBlock, type KeyWrappingData, keyWrappingData } from "#protocol/structures/key-block.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { V2_1 } from "#protocol/versions.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import type { ManagedObject, Material } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";

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
    keyWrappingData: wrappingDataOf(wrapping),
  };
}

/** The Key Wrapping Data that the material of an object keeps as TTLV. */
export function wrappingDataOf(kept: Buffer): KeyWrappingData {
  return keyWrappingData.decode(decodeItem(kept), { version: V2_1 });
}

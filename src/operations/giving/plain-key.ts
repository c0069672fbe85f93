import { attributes } from "#protocol/attributes/definitions.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import type { WriteKey } from "#src/crypto/formats/write-key.js";
import { materialOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { isConfined } from "#src/objects/protection.js";
import type { OperationContext } from "../contract/context.js";
import { readUnwrapped, unwrapKeyBlock } from "../wrapping/unwrap.js";
import { registeredKeyBlock } from "./registered-key-block.js";

/** A key in plaintext, as it is written into Key Blocks. */
export type PlainKey = Pick<
  WriteKey,
  "form" | "keyType" | "value" | "structured" | "registeredFormat" | "registeredCompression"
>;

/**
 * Runs with an object's key in plaintext and zeroes it afterwards. A key that was registered wrapped is unwrapped with
 * the wrapping key it names, which must be on this server. Throws KmipError and CryptoError.
 */
export async function withPlainKey<Result>(
  context: OperationContext,
  object: ManagedObject,
  run: (key: PlainKey) => Result | Promise<Result>,
): Promise<Result> {
  const material = materialOf(object);
  if (material.keyWrappingData !== undefined) {
    demandUnwrappable(object);
    const registered = await registeredKeyBlock(context, object, material.keyWrappingData);
    return withUnwrapped(object, await unwrapKeyBlock(context, registered), run);
  }
  const value = await context.keys.plaintext(object);
  try {
    return await run({
      form: material.form === "certificate" ? "bytes" : material.form,
      keyType: material.keyType,
      value,
      structured: material.structured,
      registeredFormat: material.keyFormatType,
      registeredCompression: material.keyCompressionType,
    });
  } finally {
    if (value !== material.blob) value.fill(0);
  }
}

/** Throws KmipError for a key that would be in the memory of this process unwrapped, and may not. */
function demandUnwrappable({ attributes: set }: ManagedObject): void {
  if (!isConfined(set)) return;
  const isExtractable = set.get(attributes.extractable) !== false;
  throw new KmipError(
    isExtractable ? "Sensitive" : "NotExtractable",
    "the object is given only as it was registered: it may not be unwrapped outside the token",
  );
}

async function withUnwrapped<Result>(
  { objectType, attributes: set }: ManagedObject,
  block: KeyBlock,
  run: (key: PlainKey) => Result | Promise<Result>,
): Promise<Result> {
  const key = readUnwrapped(objectType, block, {
    algorithm: set.get(attributes.cryptographicAlgorithm),
    length: set.get(attributes.cryptographicLength),
  });
  try {
    const { form, keyType, value, structured, keyFormatType, keyCompressionType } = key;
    const registered = { registeredFormat: keyFormatType, registeredCompression: keyCompressionType };
    return await run({ form, keyType, value, structured, ...registered });
  } finally {
    key.value.fill(0);
    const { keyValue } = block;
    if (keyValue !== undefined && !Buffer.isBuffer(keyValue) && Buffer.isBuffer(keyValue.keyMaterial)) {
      keyValue.keyMaterial.fill(0);
    }
  }
}

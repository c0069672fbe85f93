import type { Material } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";

/** Bytes the message owns, copied: taking them into custody zeroes them, and certificates outlive the message. */
export function own(bytes: Buffer): Buffer {
  return Buffer.from(bytes);
}

/** Keeps bytes that must always come back, which is why they never are inside the token. Zeroes them. */
export async function keepBytes(context: OperationContext, id: string, value: Buffer): Promise<Material> {
  const stored = await context.keys.importKey({
    objectId: id,
    keyClass: "secret",
    keyType: "generic",
    value,
    custody: "wrapped",
  });
  return {
    form: "bytes",
    custody: "wrapped",
    keyType: "generic",
    blob: stored.material,
    keyEncryptionKeyVersion: stored.keyEncryptionKeyVersion,
    keyFormatType: undefined,
  };
}

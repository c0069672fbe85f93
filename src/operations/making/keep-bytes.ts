import type { Material } from "#src/objects/managed-object.js";
import { isConfined } from "#src/objects/protection.js";
import type { OperationContext } from "../contract/context.js";
import type { Keeping } from "./keep.js";
import { refuseTokenStorage } from "./requested.js";

/** Bytes the message owns, copied: taking them into custody zeroes them, and certificates outlive the message. */
export function own(bytes: Buffer): Buffer {
  return Buffer.from(bytes);
}

/**
 * Keeps bytes that must always come back, which is why they never are inside the token. Zeroes them. Throws KmipError
 * where they are to be there.
 */
export async function keepBytes(
  context: OperationContext,
  { id, inToken, requested }: Pick<Keeping, "id" | "inToken" | "requested">,
  value: Buffer,
): Promise<Material> {
  if (inToken) {
    value.fill(0);
    throw refuseTokenStorage();
  }
  const stored = await context.keys.importKey({
    objectId: id,
    keyClass: "secret",
    keyType: "generic",
    value,
    custody: "wrapped",
    confined: isConfined(requested),
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

import { materialOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { isConfined } from "#src/objects/protection.js";
import type { OperationContext } from "../contract/context.js";

/**
 * Runs with the plaintext of an object in the memory of this process, for what the token cannot do itself, and zeroes it
 * afterwards: the raw secret, PKCS#8 DER or bytes. Throws KmipError where the plaintext may not be outside the token:
 * the key is in the token for good, not extractable, sensitive, or known only as another key has wrapped it.
 */
export async function withPlaintext<Result>(
  context: OperationContext,
  object: ManagedObject,
  run: (plaintext: Buffer) => Result | Promise<Result>,
): Promise<Result> {
  const material = materialOf(object);
  if (material.custody === "token" || isConfined(object.attributes)) {
    throw new KmipError("PermissionDenied", "the token cannot do this with a key that may not leave it in plaintext");
  }
  if (material.keyWrappingData !== undefined) {
    throw new KmipError("FeatureNotSupported", "the key was registered wrapped and is not used");
  }
  const plaintext = await context.keys.plaintext(object);
  try {
    return await run(plaintext);
  } finally {
    if (plaintext !== material.blob) plaintext.fill(0);
  }
}

/**
 * As withPlaintext, for cryptography that is done in this process with the plaintext. Throws KmipError also where the
 * tenant allows no such cryptography.
 */
export async function inProcess<Result>(
  context: OperationContext,
  object: ManagedObject,
  run: (plaintext: Buffer) => Result | Promise<Result>,
): Promise<Result> {
  demandSoftware(context);
  return withPlaintext(context, object, run);
}

/** Throws KmipError where the tenant allows no cryptography outside its token. */
export function demandSoftware({ cryptography }: OperationContext): void {
  if (cryptography.softwareAllowed) return;
  throw new KmipError("PermissionDenied", "the token cannot do this, and the tenant allows no cryptography beside it");
}

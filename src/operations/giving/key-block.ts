import type { KeyBlock } from "#protocol/structures/key-block.js";
import { writeKeyBlock } from "#src/crypto/formats/write-key.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";
import { withPlainKey } from "./plain-key.js";
import { declared } from "./registered-key-block.js";

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
  return withPlainKey(context, object, (key) =>
    writeKeyBlock({
      ...key,
      version: context.version,
      requestedFormat: requested.keyFormatType,
      requestedCompression: requested.keyCompressionType,
      ...declared(object),
    }),
  );
}

import { KeyFormatType } from "#protocol/enums/index.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import { V1_4 } from "#protocol/versions.js";
import { writeKeyBlock } from "#src/crypto/formats/write-key.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { keyContainer } from "../containers/give-container.js";
import type { OperationContext } from "../contract/context.js";
import { type PlainKey, withPlainKey } from "./plain-key.js";
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
  const { version } = context;
  return withPlainKey(context, object, (key) => {
    const format = requested.keyFormatType ?? key.registeredFormat;
    const isContainer = format === KeyFormatType.PKCS_12;
    if (isContainer && version >= V1_4) return keyContainer(context, object, key);
    return writeKeyBlock({
      ...key,
      version,
      // Versions that know no containers get the key in the default format.
      registeredFormat: isContainer ? undefined : key.registeredFormat,
      requestedFormat: requested.keyFormatType ?? formatByProfile(context, key),
      requestedCompression: requested.keyCompressionType,
      ...declared(object),
    });
  });
}

/** The format by which the profile of the client has keys given where a request names none; undefined where by none. */
function formatByProfile({ request }: OperationContext, { form, keyType }: PlainKey): number | undefined {
  return form === "public" && keyType === "ec" && request.caller.behaviour.ecPublicKeysRaw
    ? KeyFormatType.Raw
    : undefined;
}

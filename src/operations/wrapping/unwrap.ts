import { EncodingOption } from "#protocol/enums/index.js";
import { MessageError } from "#protocol/schema/error.js";
import { type KeyBlock, type PlainKeyValue, plainKeyValue } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { OperationContext } from "../contract/context.js";
import { verifyValue } from "./authentication.js";
import { decryptValue, type Wrapper } from "./encryption.js";
import { stepsOf } from "./steps.js";
import { findWrappingKey, type WrappingRole, wrappedParameters } from "./wrapping-keys.js";

type Information = NonNullable<NonNullable<KeyBlock["keyWrappingData"]>["encryptionKeyInformation"]>;

async function wrapperFor(context: OperationContext, information: Information, role: WrappingRole): Promise<Wrapper> {
  const key = await findWrappingKey(context, information.uniqueIdentifier, role);
  return { key, parameters: wrappedParameters(key, information.cryptographicParameters) };
}

/**
 * A wrapped Key Block in plaintext, with the attributes that were wrapped inside (KMIP 2.1 §3.3). The wrapping keys must
 * be on this server and allowed to unwrap. The caller zeroes the Key Material. Throws KmipError and CryptoError.
 */
export async function unwrapKeyBlock(context: OperationContext, block: KeyBlock): Promise<KeyBlock> {
  const { keyWrappingData: wrapping, keyValue, ...plain } = block;
  if (wrapping === undefined || keyValue === undefined) throw new KmipError("InvalidField", "the key is not wrapped");
  const steps = [...stepsOf(wrapping)].reverse();
  const isEncrypted = steps.some(({ step }) => step === "encrypt");
  let value = isEncrypted ? encryptedBytes(keyValue) : authenticatedBytes(context, keyValue, wrapping.encodingOption);
  let plaintext: Buffer | undefined;
  try {
    for (const { step, information } of steps) {
      if (step === "authenticate") {
        const wrapper = await wrapperFor(context, information, "verify");
        await verifyValue(context, wrapper, { data: value, signature: wrapping.macSignature });
      } else {
        const wrapper = await wrapperFor(context, information, "decrypt");
        value = await decryptValue(context, wrapper, { value, ivCounterNonce: wrapping.ivCounterNonce });
        plaintext = value;
      }
    }
    if (!isEncrypted && !Buffer.isBuffer(keyValue)) return { ...plain, keyValue };
    return { ...plain, keyValue: decoded(context, value, wrapping.encodingOption) };
  } catch (error) {
    plaintext?.fill(0);
    throw error;
  }
}

/** Some clients put the wrapped bytes into a Key Material. */
function encryptedBytes(keyValue: PlainKeyValue | Buffer): Buffer {
  if (Buffer.isBuffer(keyValue)) return keyValue;
  if (Buffer.isBuffer(keyValue.keyMaterial)) return keyValue.keyMaterial;
  throw new KmipError("InvalidField", "a wrapped Key Value is bytes");
}

/** The bytes that a Key Value was authenticated as: those of the Key Material, or its TTLV. */
export function authenticatedBytes(
  { version }: OperationContext,
  keyValue: PlainKeyValue | Buffer,
  encodingOption: number | undefined,
): Buffer {
  if (Buffer.isBuffer(keyValue)) return keyValue;
  if (encodingOption !== EncodingOption.NoEncoding) {
    const { keyMaterial, attributes = [] } = keyValue;
    return encodeItem(plainKeyValue.encode(Tag.KeyValue, { keyMaterial, attributes }, { version }));
  }
  if (Buffer.isBuffer(keyValue.keyMaterial)) return Buffer.from(keyValue.keyMaterial);
  throw new KmipError("EncodingOptionError", "a transparent Key Material is wrapped only with TTLV Encoding");
}

function decoded({ version }: OperationContext, value: Buffer, encodingOption: number | undefined): PlainKeyValue {
  if (encodingOption === EncodingOption.NoEncoding) return { keyMaterial: value, attributes: [] };
  try {
    return plainKeyValue.decode(decodeItem(value), { version });
  } catch (cause) {
    if (!(cause instanceof TtlvError) && !(cause instanceof MessageError)) throw cause;
    // The same words as of a wrong padding, which must not be told apart from this.
    throw new KmipError("CryptographicFailure", "decryption failed", { cause });
  }
}

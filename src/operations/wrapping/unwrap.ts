import { EncodingOption, KeyFormatType } from "#protocol/enums/index.js";
import { MessageError } from "#protocol/schema/error.js";
import { type KeyBlock, type PlainKeyValue, plainKeyValue } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { symmetricAlgorithm } from "#src/crypto/formats/algorithms.js";
import type { ReadKey } from "#src/crypto/formats/key.js";
import { readKeyBlock } from "#src/crypto/formats/read-key.js";
import { CryptoError } from "#src/crypto/port.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { OperationContext } from "../contract/context.js";
import { isAuthentic } from "./authentication.js";
import { decryptValue, type Wrapper } from "./encryption.js";
import { stepsOf } from "./steps.js";
import { findWrappingKey, type WrappingRole, wrappedParameters } from "./wrapping-keys.js";

type Wrapping = NonNullable<KeyBlock["keyWrappingData"]>;
type Information = NonNullable<Wrapping["encryptionKeyInformation"]>;

async function wrapperFor(context: OperationContext, information: Information, role: WrappingRole): Promise<Wrapper> {
  const key = await findWrappingKey(context, information.uniqueIdentifier, role);
  return { key, parameters: wrappedParameters(key, information.cryptographicParameters) };
}

/** The one failure of all wrapped keys that do not open: what is wrong with them is not said. */
export function doesNotOpen(cause?: unknown): KmipError {
  return new KmipError("CryptographicFailure", "the wrapped key does not open", { cause });
}

/**
 * A wrapped Key Block in plaintext, with the attributes that were wrapped inside (KMIP 2.1 §3.3). The wrapping keys must
 * be on this server and allowed to unwrap. The caller zeroes the Key Material. Throws KmipError, `CryptographicFailure` in
 * one wording whatever is wrong with what was wrapped, and CryptoError.
 */
export async function unwrapKeyBlock(context: OperationContext, block: KeyBlock): Promise<KeyBlock> {
  const { keyWrappingData: wrapping, keyValue, ...plain } = block;
  if (wrapping === undefined || keyValue === undefined) throw new KmipError("InvalidField", "the key is not wrapped");
  const isEncrypted = stepsOf(wrapping).some(({ step }) => step === "encrypt");
  const given = isEncrypted ? encryptedBytes(keyValue) : authenticatedBytes(context, keyValue, wrapping.encodingOption);
  const opened = new Opening(context, wrapping, given);
  try {
    for (const { step, information } of [...stepsOf(wrapping)].reverse()) {
      if (step === "authenticate") await opened.authenticate(await wrapperFor(context, information, "verify"));
      else await opened.decrypt(await wrapperFor(context, information, "decrypt"), expectedLength(block));
    }
    if (!opened.isGood) throw doesNotOpen();
    if (!isEncrypted && !Buffer.isBuffer(keyValue)) return { ...plain, keyValue };
    return { ...plain, keyValue: decoded(context, opened.value, wrapping) };
  } catch (error) {
    if (isEncrypted) opened.erase();
    throw error;
  }
}

/** A Key Value being opened. What is wrong shows at the end: no step is left out because of what another found. */
class Opening {
  value: Buffer;
  isGood = true;
  private readonly context: OperationContext;
  private readonly wrapping: Wrapping;
  private readonly given: Buffer;

  constructor(context: OperationContext, wrapping: Wrapping, given: Buffer) {
    this.context = context;
    this.wrapping = wrapping;
    this.given = given;
    this.value = given;
  }

  async decrypt(wrapper: Wrapper, expected: number | undefined): Promise<void> {
    const { ivCounterNonce } = this.wrapping;
    try {
      this.value = await decryptValue(this.context, wrapper, { value: this.value, ivCounterNonce, expected });
    } catch (error) {
      if (!(error instanceof CryptoError) || !dataFailures.has(error.code)) throw error;
      this.isGood = false;
      // A MAC that is checked behind it is checked all the same.
      this.value = Buffer.alloc(this.value.length);
    }
  }

  async authenticate(wrapper: Wrapper): Promise<void> {
    const signed = { data: this.value, signature: this.wrapping.macSignature };
    const authentic = await isAuthentic(this.context, wrapper, signed);
    if (!authentic) this.context.cryptography.decryptions.count(wrapper.key.id, 1);
    this.isGood &&= authentic;
  }

  /** Zeroes the plaintext, if there is any. */
  erase(): void {
    if (this.value !== this.given) this.value.fill(0);
  }
}

/** What the port says of ciphertexts that do not open. */
const dataFailures: ReadonlySet<string> = new Set(["decryption-failed", "invalid-data"]);

/** The length in bytes of a raw key that was wrapped without encoding, where the Key Block tells it. */
function expectedLength({ keyFormatType, keyWrappingData, ...block }: KeyBlock): number | undefined {
  const { cryptographicLength: bits, cryptographicAlgorithm } = block;
  const isRaw = keyFormatType === KeyFormatType.Raw && keyWrappingData?.encodingOption === EncodingOption.NoEncoding;
  if (!isRaw || bits === undefined || bits <= 0) return undefined;
  const lengths = [...(symmetricAlgorithm(cryptographicAlgorithm).lengths ?? [])];
  const [bytes] = lengths.find(([, names]) => names.includes(bits)) ?? [];
  return bytes ?? Math.ceil(bits / 8);
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

function decoded({ version, cryptography }: OperationContext, value: Buffer, wrapping: Wrapping): PlainKeyValue {
  if (wrapping.encodingOption === EncodingOption.NoEncoding) return { keyMaterial: value, attributes: [] };
  try {
    return plainKeyValue.decode(decodeItem(value), { version });
  } catch (cause) {
    if (!(cause instanceof TtlvError) && !(cause instanceof MessageError)) throw cause;
    const key = wrapping.encryptionKeyInformation ?? wrapping.macSignatureKeyInformation;
    if (key !== undefined) cryptography.decryptions.count(key.uniqueIdentifier, 1);
    throw doesNotOpen(cause);
  }
}

/**
 * As readKeyBlock, for a Key Block that was unwrapped. What cannot be read as a key is told as what does not open: to say
 * more would tell what came out of the unwrapping.
 */
export function readUnwrapped(...given: Parameters<typeof readKeyBlock>): ReadKey {
  try {
    return readKeyBlock(...given);
  } catch (cause) {
    if (cause instanceof KmipError) throw doesNotOpen(cause);
    throw cause;
  }
}

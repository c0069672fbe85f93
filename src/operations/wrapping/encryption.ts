import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { chooseCipher } from "#src/crypto/mechanisms/ciphers.js";
import { keyWrapOf } from "#src/crypto/mechanisms/wraps.js";
import type { CipherSpecification, KeyReference } from "#src/crypto/port.js";
import type { UsableKey } from "#src/crypto/usable-key.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";
import { keyOf } from "../cryptography/key.js";
import { allocateUsageOf } from "../cryptography/usage-limits.js";

/** What encrypting a Key Value gives: a tag stands behind the ciphertext, as Key Wrapping Data have no field for it. */
export interface EncryptedValue {
  readonly value: Buffer;
  readonly ivCounterNonce: Buffer | undefined;
}

/** A key with the parameters of its use. */
export interface Wrapper {
  readonly key: ManagedObject;
  readonly parameters: CryptographicParameters;
}

/** Encrypts the bytes of a Key Value, which are zeroed. Throws KmipError and CryptoError. */
export async function encryptValue(
  context: OperationContext,
  { key, parameters }: Wrapper,
  value: Buffer,
): Promise<EncryptedValue> {
  const usable = keyOf(key);
  const wrap = keyWrapOf(usable, parameters);
  try {
    allocateUsageOf(context, key, { bytes: value.length, objects: 1 });
    if (wrap !== undefined) {
      const wrapped = await withTemporaryKey(context, value, (target) =>
        context.partition.wrapKey(target, usable.reference, wrap),
      );
      return { value: wrapped, ivCounterNonce: undefined };
    }
    const cipher = await cipherFor(context, usable, parameters, { direction: "encrypt", iv: undefined });
    const { data, tag } = await context.cryptography.encrypt(usable, cipher, value);
    return { value: tag === null ? data : Buffer.concat([data, tag]), ivCounterNonce: cipher.madeVector };
  } finally {
    value.fill(0);
  }
}

/**
 * Encrypts a key that is kept as the very bytes asked for, from key to wrapped key inside the token where it wraps so.
 * Undefined where it does not.
 */
export async function wrapInToken(
  context: OperationContext,
  { key, parameters }: Wrapper,
  target: KeyReference,
): Promise<EncryptedValue | undefined> {
  const usable = keyOf(key);
  const wrap = keyWrapOf(usable, parameters);
  if (wrap === undefined || target.custody !== "wrapped") return undefined;
  const value = await context.partition.wrapKey(target, usable.reference, wrap);
  allocateUsageOf(context, key, { bytes: value.length, objects: 1 });
  return { value, ivCounterNonce: undefined };
}

/**
 * Decrypts the bytes of a Key Value; `expected` is their length, where it is known. The caller zeroes what comes out.
 * Throws KmipError and CryptoError.
 */
export async function decryptValue(
  context: OperationContext,
  { key, parameters }: Wrapper,
  { value, ivCounterNonce, expected }: EncryptedValue & { readonly expected: number | undefined },
): Promise<Buffer> {
  const usable = keyOf(key);
  const wrap = keyWrapOf(usable, parameters);
  if (wrap !== undefined) {
    const request = {
      objectId: temporaryName(context),
      keyClass: "secret",
      keyType: "generic",
      custody: "wrapped",
    } as const;
    const stored = await context.cryptography.countingFailures(usable, () =>
      context.partition.unwrapKey(value, usable.reference, wrap, request),
    );
    const { material, keyEncryptionKeyVersion } = stored;
    return opened(context, { ...request, material, keyEncryptionKeyVersion }, (reference) =>
      context.partition.exportKey(reference),
    );
  }
  const cipher = await cipherFor(context, usable, parameters, { direction: "decrypt", iv: ivCounterNonce });
  const length = value.length - tagLengthOf(cipher.specification);
  const data = value.subarray(0, Math.max(0, length));
  const tag = length === value.length ? null : value.subarray(data.length);
  return context.cryptography.decrypt(usable, cipher, { data, tag, expected });
}

function cipherFor(
  { partition }: OperationContext,
  key: UsableKey,
  parameters: CryptographicParameters,
  request: { readonly direction: "encrypt" | "decrypt"; readonly iv: Buffer | undefined },
): ReturnType<typeof chooseCipher> {
  const whole = { ...request, additionalData: undefined, givenTagLength: undefined };
  return chooseCipher(key, parameters, whole, (length) => partition.nonce(length));
}

function tagLengthOf(specification: CipherSpecification): number {
  return "tagLength" in specification ? specification.tagLength : 0;
}

function temporaryName({ request }: OperationContext): string {
  return `temporary ${request.correlationId}`;
}

/** Runs with bytes as a key that can be wrapped: kept nowhere but in this request. */
async function withTemporaryKey<Result>(
  context: OperationContext,
  value: Buffer,
  run: (reference: KeyReference) => Promise<Result>,
): Promise<Result> {
  const request = {
    objectId: temporaryName(context),
    keyClass: "secret",
    keyType: "generic",
    custody: "wrapped",
  } as const;
  const stored = await context.partition.importKey({ ...request, value });
  const { material, keyEncryptionKeyVersion } = stored;
  return opened(context, { ...request, material, keyEncryptionKeyVersion }, run);
}

/** Runs with a key of this request, and has its handle forgotten. */
async function opened<Result>(
  { partition }: OperationContext,
  reference: KeyReference,
  run: (reference: KeyReference) => Promise<Result>,
): Promise<Result> {
  try {
    return await run(reference);
  } finally {
    await partition.destroyKey(reference);
  }
}

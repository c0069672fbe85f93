import { createDecipheriv } from "node:crypto";
import pkcs11js from "pkcs11js";
import type { KeyReference } from "../../port.js";
import { HASHES } from "../mechanisms.js";
import { derLength } from "./der.js";
import { failureKindOf, WorkerFailure } from "./errors.js";
import { HandleCache, type KeyRole } from "./handle-cache.js";
import { KeyEncryption, wrappedParts } from "./key-encryption.js";
import { openPublicKey } from "./public-key.js";
import {
  identity,
  keyTypeCode,
  permittedUsages,
  READABLE_SECRET,
  SESSION_KEY,
  unwrapAttributes,
  usageAttributes,
} from "./templates.js";
import type { Token } from "./token.js";

/** Shortest HMAC key that every hash function takes from every token; a shorter one is filled up with zeros (RFC 2104). */
export const HMAC_FILLED_LENGTH = 64;

/** Room for what a token adds to a private key when it encodes it anew, in bytes. */
const WRAP_ROOM = 512;

const TRANSPORT_KEY_LENGTH = 32;

/** The alternative initial value of RFC 5649 §3, as OpenSSL takes it. */
const PADDED_WRAP_INITIAL_VALUE = Buffer.from("a65959a6", "hex");

/** Zeroes a value unless what is kept is a view into it. */
function zeroUnless(value: Buffer, kept: unknown): void {
  if (!(Buffer.isBuffer(kept) && kept.buffer === value.buffer)) {
    value.fill(0);
  }
}

/** Keeps and opens keys: wrapped under the key-encryption key, in the token, or (public keys) as they are. */
export class Custody {
  readonly token: Token;
  readonly #handles: HandleCache;
  readonly keyEncryption: KeyEncryption;

  constructor(token: Token, handleLimit: number) {
    this.token = token;
    this.keyEncryption = new KeyEncryption(token);
    this.#handles = new HandleCache(handleLimit, (handle) => token.discard(handle));
  }

  /** Opens a wrapped key with its own type, as a session object. */
  openWrapped(key: KeyReference): pkcs11js.Handle {
    const length = wrappedParts(key.material).filledLength;
    return this.keyEncryption.unwrap(key, [
      ...identity(key.keyClass, keyTypeCode(key.keyType, length)),
      ...SESSION_KEY,
      ...usageAttributes(key.keyClass, permittedUsages(key.keyType, key.keyClass, undefined)),
      ...unwrapAttributes(this.token.quirks, key),
    ]);
  }

  /** Runs with the plaintext of a readable secret, and zeroes it unless `run` returns it. */
  readValue<Result>(handle: pkcs11js.Handle, run: (value: Buffer) => Result): Result {
    const [value] = this.token.attributes(handle, [pkcs11js.CKA_VALUE]);
    if (value === undefined) {
      throw new WorkerFailure("device-error", "the token gave no value");
    }
    let kept: unknown;
    try {
      const result = run(value);
      kept = result;
      return result;
    } finally {
      zeroUnless(value, kept);
    }
  }

  /** Runs with the plaintext of a wrapped key, read from the token, and zeroes it unless `run` returns it. */
  withValue<Result>(key: KeyReference, run: (value: Buffer) => Result): Result {
    return this.#withPlaintext(key, run, (read) =>
      this.token.briefly(this.keyEncryption.unwrap(key, READABLE_SECRET), read),
    );
  }

  /** The plaintext of a wrapped key for the client that may have it: asked for again, it is not unwrapped again. */
  valueOf(key: KeyReference): Buffer {
    return this.#withPlaintext(
      key,
      (value) => value,
      (read) => this.withKey(key, "readable", read),
    );
  }

  #withPlaintext<Result>(
    key: KeyReference,
    run: (value: Buffer) => Result,
    opened: (read: (handle: pkcs11js.Handle) => Result) => Result,
  ): Result {
    if (key.confined === true) {
      throw new WorkerFailure(
        "not-extractable",
        "the token cannot do this with a key whose plaintext may not leave it",
      );
    }
    const { filledLength, padding } = wrappedParts(key.material);
    const read = (whole: Buffer) => {
      const length = key.keyClass === "private" ? derLength(whole) : whole.length - padding;
      if (length === null || length > whole.length) {
        throw new WorkerFailure("damaged", "a private key is no PKCS#8 DER");
      }
      return run(whole.subarray(0, length));
    };
    if (filledLength > this.token.quirks.longestSecret && key.keyClass === "private") {
      return this.#withTransported(key, read);
    }
    return opened((handle) => this.readValue(handle, read));
  }

  /** The same for a private key that the token does not give as a secret: it leaves under a key made for the moment. */
  #withTransported<Result>(key: KeyReference, run: (value: Buffer) => Result): Result {
    const { module, keeperSession, quirks } = this.token;
    const transportKey = module.C_GenerateRandom(keeperSession, Buffer.alloc(TRANSPORT_KEY_LENGTH));
    const template = [...identity("secret", pkcs11js.CKK_AES), ...SESSION_KEY, ...usageAttributes("secret", ["wrap"])];
    let value: Buffer;
    try {
      const wrapped = this.token.briefly(this.createSecret(transportKey, template), (transport) =>
        this.token.briefly(this.openWrapped(key), (handle) => {
          const output = Buffer.alloc(key.material.length + WRAP_ROOM);
          const mechanism = { mechanism: quirks.paddedWrapMechanism };
          return module.C_WrapKey(keeperSession, mechanism, transport, handle, output);
        }),
      );
      const decipher = createDecipheriv("id-aes256-wrap-pad", transportKey, PADDED_WRAP_INITIAL_VALUE);
      value = Buffer.concat([decipher.update(wrapped), decipher.final()]);
    } finally {
      transportKey.fill(0);
    }
    let kept: unknown;
    try {
      const result = run(value);
      kept = result;
      return result;
    } finally {
      zeroUnless(value, kept);
    }
  }

  /**
   * Opens a wrapped key as the generic secret HMAC asks for. Zeros behind a key that is no longer than a block of the hash
   * function change nothing (RFC 2104 §2). One that the token finds too short is filled up with them, which takes its
   * plaintext.
   */
  #openForHmac(key: KeyReference, minimumLength: number, blockLength: number): pkcs11js.Handle {
    const { filledLength, padding } = wrappedParts(key.material);
    const use = usageAttributes("secret", ["sign", "verify"]);
    const uncertainty = this.token.quirks.padsWithZeros || key.confined === true ? 0 : 7;
    const asItIs = padding === 0 || filledLength <= blockLength;
    if (asItIs && filledLength - uncertainty >= minimumLength) {
      return this.keyEncryption.unwrap(key, [
        ...identity("secret", pkcs11js.CKK_GENERIC_SECRET),
        ...SESSION_KEY,
        ...use,
      ]);
    }
    return this.withValue(key, (value) => {
      const filled = Buffer.alloc(Math.max(HMAC_FILLED_LENGTH, value.length));
      value.copy(filled);
      try {
        return this.createSecret(filled, [...identity("secret", pkcs11js.CKK_GENERIC_SECRET), ...SESSION_KEY, ...use]);
      } finally {
        filled.fill(0);
      }
    });
  }

  /** A session object from a value. */
  createSecret(value: Buffer, template: pkcs11js.Template): pkcs11js.Handle {
    return this.token.module.C_CreateObject(this.token.keeperSession, [
      ...template,
      { type: pkcs11js.CKA_VALUE, value },
    ]);
  }

  #open(key: KeyReference, role: KeyRole): pkcs11js.Handle {
    if (role === "readable") {
      return this.keyEncryption.unwrap(key, READABLE_SECRET);
    }
    if (key.keyClass === "public") {
      return openPublicKey(this.token, key);
    }
    if (key.custody === "token") {
      return this.token.requireKey(key.material, key.keyClass);
    }
    if (key.custody !== "wrapped") {
      throw new WorkerFailure("invalid-data", "a key in software custody has no place in the token");
    }
    if (role === "own") {
      return this.openWrapped(key);
    }
    const hash = HASHES[role.slice("hmac ".length) as keyof typeof HASHES];
    return this.#openForHmac(key, this.token.mechanism(hash.hmac)?.minKeySize ?? 0, hash.blockLength);
  }

  #handle(key: KeyReference, role: KeyRole): pkcs11js.Handle {
    // It may have been read while it might still leave.
    if (key.confined === true) this.#handles.drop(key, "readable");
    const known = this.#handles.get(key, role);
    if (known !== undefined) {
      return known;
    }
    const handle = this.#open(key, role);
    this.#handles.set(key, role, handle, key.keyClass === "public" || key.custody === "wrapped");
    return handle;
  }

  /** Runs with the handle of a key; where the token no longer knows the handle, opens the key anew, once. */
  withKey<Result>(key: KeyReference, role: KeyRole, run: (handle: pkcs11js.Handle) => Result): Result {
    try {
      return run(this.#handle(key, role));
    } catch (error) {
      if (failureKindOf(error) !== "stale-handle") {
        throw error;
      }
      this.#handles.forget(key.objectId);
      return run(this.#handle(key, role));
    }
  }

  /** Remembers an opened session object as the handle of a key. */
  remember(key: KeyReference, handle: pkcs11js.Handle): void {
    this.#handles.set(key, "own", handle, true);
  }

  /** Drops what is known of the key of an object. */
  forget(objectId: string): void {
    this.#handles.forget(objectId);
  }
}

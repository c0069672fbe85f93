import pkcs11js from "pkcs11js";
import type { KeyClass, KeyReference } from "../../port.js";
import { HASHES } from "../mechanisms.js";
import { KEY_ENCRYPTION_KEY_VERSIONS, keyEncryptionKey } from "../partition-keys.js";
import { failureKindOf, WorkerFailure } from "./errors.js";
import { HandleCache, type KeyRole } from "./handle-cache.js";
import { openPublicKey } from "./public-key.js";
import {
  identity,
  keyTypeCode,
  objectClass,
  permittedUsages,
  READABLE_SECRET,
  SESSION_KEY,
  usageAttributes,
} from "./templates.js";
import type { Token } from "./token.js";

/** What the padded wrap adds to the (filled-up) length of what it wraps, in bytes (RFC 5649 §4). */
const WRAP_OVERHEAD = 8;

/** Shortest HMAC key that every hash function takes from every token; a shorter one is filled up with zeros (RFC 2104). */
const HMAC_FILLED_LENGTH = 64;

/** A wrapped key, its parts told apart. */
interface Wrapped {
  readonly blob: Buffer;
  /** Zeros the token has put behind the value, in bytes. */
  readonly padding: number;
}

/** Length of a DER element with its header, in bytes. */
function derLength(bytes: Buffer): number {
  const first = bytes[1] ?? 0;
  if (first < 0x80) {
    return 2 + first;
  }
  const count = first - 0x80;
  return 2 + count + bytes.readUIntBE(2, count);
}

/** Keeps and opens keys: wrapped under the key-encryption key, in the token, or (public keys) as they are. */
export class Custody {
  readonly token: Token;
  readonly #handles: HandleCache;
  readonly #keyEncryptionKeys = new Map<number, pkcs11js.Handle>();
  #newestVersion = 0;

  constructor(token: Token, handleLimit: number) {
    this.token = token;
    this.#handles = new HandleCache(handleLimit, (handle) => this.discard(handle));
  }

  /** Looks for key-encryption keys newer than the newest known, and gives the version of the newest. */
  findNewestVersion(): number {
    while (this.#newestVersion < KEY_ENCRYPTION_KEY_VERSIONS) {
      if (this.#findKeyEncryptionKey(this.#newestVersion + 1) === null) {
        break;
      }
      this.#newestVersion += 1;
    }
    return this.#newestVersion;
  }

  #findKeyEncryptionKey(version: number): pkcs11js.Handle | null {
    const known = this.#keyEncryptionKeys.get(version);
    if (known !== undefined) {
      return known;
    }
    const handle = this.findTokenKey(keyEncryptionKey(version).tokenId, "secret");
    if (handle !== null) {
      this.#keyEncryptionKeys.set(version, handle);
    }
    return handle;
  }

  #keyEncryptionKey(version: number): pkcs11js.Handle {
    const handle = this.#findKeyEncryptionKey(version);
    if (handle === null) {
      this.token.checkCanary();
      throw new WorkerFailure("key-missing", `version ${version} of the key-encryption key is not in the token`);
    }
    return handle;
  }

  /** A key object of the token by its identifier; null where there is none. */
  findTokenKey(tokenId: Buffer, keyClass: KeyClass): pkcs11js.Handle | null {
    const found = this.token.find([
      { type: pkcs11js.CKA_CLASS, value: objectClass(keyClass) },
      { type: pkcs11js.CKA_ID, value: tokenId },
      { type: pkcs11js.CKA_TOKEN, value: true },
    ]);
    return found[0] ?? null;
  }

  /** A key of the token, which must be there: `key-missing` (or `unavailable` where the canary is gone as well). */
  requireTokenKey(tokenId: Buffer, keyClass: KeyClass): pkcs11js.Handle {
    const handle = this.findTokenKey(tokenId, keyClass);
    if (handle === null) {
      this.token.checkCanary();
      throw new WorkerFailure("key-missing", "the key is not in the token, although its canary is");
    }
    return handle;
  }

  /** Destroys a session object; one that is gone already is fine. */
  discard(handle: pkcs11js.Handle): void {
    try {
      this.token.destroy(handle);
    } catch (error) {
      if (failureKindOf(error) !== "stale-handle") {
        throw error;
      }
    }
  }

  /** Runs with a session object and destroys it afterwards. */
  briefly<Result>(handle: pkcs11js.Handle, run: (handle: pkcs11js.Handle) => Result): Result {
    try {
      return run(handle);
    } finally {
      this.discard(handle);
    }
  }

  /** Wraps a session object of `length` bytes under the newest key-encryption key. */
  wrap(handle: pkcs11js.Handle, keyClass: KeyClass, length: number): { material: Buffer; version: number } {
    const version = this.#newestVersion === 0 ? this.findNewestVersion() : this.#newestVersion;
    const blob = this.token.module.C_WrapKey(
      this.token.keeperSession,
      { mechanism: this.token.quirks.paddedWrapMechanism },
      this.#keyEncryptionKey(version),
      handle,
      Buffer.alloc(length + 4 * WRAP_OVERHEAD),
    );
    const padding = keyClass === "secret" && this.token.quirks.padsWithZeros ? (8 - (length % 8)) % 8 : 0;
    const trailer = padding === 0 ? Buffer.alloc(0) : Buffer.from([padding]);
    return { material: Buffer.concat([blob, trailer]), version };
  }

  /** A blob's length is a multiple of 8; one byte more tells how many zeros the token has sealed with the value. */
  #parts(material: Buffer): Wrapped {
    const trailing = material.length % 8;
    const padding = trailing === 1 ? (material.at(-1) ?? 0) : 0;
    if (trailing > 1 || material.length < 2 * WRAP_OVERHEAD || padding > 7) {
      throw new WorkerFailure("damaged", "a wrapped key has an impossible length");
    }
    return { blob: trailing === 0 ? material : material.subarray(0, -1), padding };
  }

  /** Unwraps under the key-encryption key; `damaged` where it does not open. */
  unwrap(
    key: Pick<KeyReference, "material" | "keyEncryptionKeyVersion">,
    template: pkcs11js.Template,
  ): pkcs11js.Handle {
    try {
      return this.token.module.C_UnwrapKey(
        this.token.keeperSession,
        { mechanism: this.token.quirks.paddedWrapMechanism },
        this.#keyEncryptionKey(key.keyEncryptionKeyVersion),
        this.#parts(key.material).blob,
        template,
      );
    } catch (error) {
      throw this.token.explain(error, "damaged");
    }
  }

  /** Opens a wrapped key with its own type, as a session object. */
  openWrapped(key: KeyReference): pkcs11js.Handle {
    const length = this.#parts(key.material).blob.length - WRAP_OVERHEAD;
    return this.unwrap(key, [
      ...identity(key.keyClass, keyTypeCode(key.keyType, length)),
      ...SESSION_KEY,
      ...usageAttributes(key.keyClass, permittedUsages(key.keyType, key.keyClass, undefined)),
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
      if (!(Buffer.isBuffer(kept) && kept.buffer === value.buffer)) {
        value.fill(0);
      }
    }
  }

  /** Runs with the plaintext of a wrapped key, read from the token, and zeroes it unless `run` returns it. */
  withValue<Result>(key: KeyReference, run: (value: Buffer) => Result): Result {
    return this.briefly(this.unwrap(key, READABLE_SECRET), (handle) =>
      this.readValue(handle, (whole) => {
        const length = key.keyClass === "private" ? derLength(whole) : whole.length - this.#parts(key.material).padding;
        return run(whole.subarray(0, length));
      }),
    );
  }

  /** Opens a wrapped key as the generic secret HMAC asks for, filled up with zeros where the token finds it too short. */
  #openForHmac(key: KeyReference, minimumLength: number): pkcs11js.Handle {
    const { blob, padding } = this.#parts(key.material);
    const use = usageAttributes("secret", ["sign", "verify"]);
    const uncertainty = this.token.quirks.padsWithZeros ? 0 : 7;
    if (padding === 0 && blob.length - WRAP_OVERHEAD - uncertainty >= minimumLength) {
      return this.unwrap(key, [...identity("secret", pkcs11js.CKK_GENERIC_SECRET), ...SESSION_KEY, ...use]);
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
    if (key.keyClass === "public") {
      return openPublicKey(this.token, key);
    }
    if (key.custody === "token") {
      return this.requireTokenKey(key.material, key.keyClass);
    }
    if (key.custody !== "wrapped") {
      throw new WorkerFailure("invalid-data", "a key in software custody has no place in the token");
    }
    if (role === "own") {
      return this.openWrapped(key);
    }
    const hash = HASHES[role.slice("hmac ".length) as keyof typeof HASHES];
    return this.#openForHmac(key, this.token.mechanism(hash.hmac)?.minKeySize ?? 0);
  }

  #handle(key: KeyReference, role: KeyRole): pkcs11js.Handle {
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
      this.#handles.forget(key);
      this.#keyEncryptionKeys.clear();
      return run(this.#handle(key, role));
    }
  }

  /** Remembers an opened session object as the handle of a key. */
  remember(key: KeyReference, handle: pkcs11js.Handle): void {
    this.#handles.set(key, "own", handle, true);
  }

  /** Drops what is known of a key. */
  forget(key: KeyReference): void {
    this.#handles.forget(key);
  }
}

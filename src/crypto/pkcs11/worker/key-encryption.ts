import pkcs11js from "pkcs11js";
import type { KeyClass, KeyReference } from "../../port.js";
import { KEY_ENCRYPTION_KEY_VERSIONS, keyEncryptionKey, keyEncryptionKeyVersion } from "../partition-keys.js";
import { failureKindOf, RESTARTING, returnValueOf, WorkerFailure } from "./errors.js";
import { tokenIdOf } from "./key-objects.js";
import { identity, objectClass, SESSION_KEY } from "./templates.js";
import type { Token } from "./token.js";

/** What the padded wrap adds to the (filled-up) length of what it wraps, in bytes (RFC 5649 §4). */
const WRAP_OVERHEAD = 8;

/** How often a key-encryption key that another process made is looked for, in milliseconds. */
const LOOK_INTERVAL = 10_000;

/** Length of the key by which a key-encryption key proves itself, in bytes. */
const TRIAL_LENGTH = 16;

/** Room for a secret that is measured, in bytes. */
const MEASURE_ROOM = 64 * 1024;

/** Most zeros that may stand behind a value, in bytes: as many as fill up a key for HMAC. */
const MOST_PADDING = 63;

/** A wrapped key, its parts told apart. */
export interface WrappedParts {
  readonly blob: Buffer;
  /** Zeros that stand behind the value, in bytes. */
  readonly padding: number;
  /** Length of value and zeros, in bytes, exact where the token puts zeros there, else up to 7 too many. */
  readonly filledLength: number;
}

/** A blob's length is a multiple of 8; one byte more tells how many zeros were sealed with the value. */
export function wrappedParts(material: Buffer): WrappedParts {
  const trailing = material.length % 8;
  const padding = trailing === 1 ? (material.at(-1) ?? 0) : 0;
  if (trailing > 1 || material.length < 2 * WRAP_OVERHEAD || padding > MOST_PADDING) {
    throw new WorkerFailure("damaged", "a wrapped key has an impossible length");
  }
  const blob = trailing === 0 ? material : material.subarray(0, -1);
  return { blob, padding, filledLength: blob.length - WRAP_OVERHEAD };
}

/** A blob with the number of zeros that the token has sealed with the value behind it. */
export function withPadding(blob: Buffer, padding: number): Buffer {
  return Buffer.concat([blob, padding === 0 ? Buffer.alloc(0) : Buffer.from([padding])]);
}

/** The key-encryption keys of a partition: wraps under the newest, unwraps under any. */
export class KeyEncryption {
  readonly #token: Token;
  readonly #keys = new Map<number, pkcs11js.Handle>();
  #newestVersion = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(token: Token) {
    this.#token = token;
  }

  /** Looks for key-encryption keys newer than the newest known, and gives the version of the newest that works. */
  findNewestVersion(): number {
    this.#lookedAt = performance.now();
    const known = this.#newestVersion;
    if (known === 0 && this.#find(1) === null) {
      // The first ones may have been removed.
      this.#newestVersion = this.versions().findLast((version) => this.#works(version)) ?? 0;
    }
    while (this.#newestVersion < KEY_ENCRYPTION_KEY_VERSIONS && this.#works(this.#newestVersion + 1)) {
      this.#newestVersion += 1;
    }
    return this.#newestVersion;
  }

  /** The versions of which there is an object in the token, whole or not, oldest first. */
  versions(): number[] {
    const template = [
      { type: pkcs11js.CKA_CLASS, value: objectClass("secret") },
      { type: pkcs11js.CKA_TOKEN, value: true },
    ];
    return this.#token
      .find(template)
      .map((handle) => tokenIdOf(this.#token, handle))
      .flatMap((tokenId) => (tokenId === null ? [] : (keyEncryptionKeyVersion(tokenId) ?? [])))
      .sort((first, second) => first - second);
  }

  /** Forgets what is known of one version, or of all, so that it is looked for again. */
  forget(version?: number): void {
    if (version === undefined) {
      this.#keys.clear();
      this.#newestVersion = 0;
    } else {
      this.#keys.delete(version);
    }
  }

  /** Whether a version is there and wraps what it then unwraps: one whose making was cut off is there and does not. */
  #works(version: number): boolean {
    const key = this.#find(version);
    if (key === null) {
      return false;
    }
    const { module, keeperSession, quirks } = this.#token;
    const mechanism = { mechanism: quirks.paddedWrapMechanism };
    const template = [...identity("secret", pkcs11js.CKK_AES), ...SESSION_KEY];
    const length = { type: pkcs11js.CKA_VALUE_LEN, value: TRIAL_LENGTH };
    const trial = module.C_GenerateKey(keeperSession, { mechanism: pkcs11js.CKM_AES_KEY_GEN }, [...template, length]);
    return this.#token.briefly(trial, (handle) => {
      try {
        const blob = module.C_WrapKey(keeperSession, mechanism, key, handle, Buffer.alloc(4 * TRIAL_LENGTH));
        this.#token.discard(module.C_UnwrapKey(keeperSession, mechanism, key, blob, template));
        return true;
      } catch (error) {
        const kind = failureKindOf(error);
        if (kind === undefined || RESTARTING[kind] !== undefined) {
          throw error;
        }
        this.#keys.delete(version);
        return false;
      }
    });
  }

  #find(version: number): pkcs11js.Handle | null {
    const known = this.#keys.get(version);
    if (known !== undefined) {
      return known;
    }
    const handle = this.#token.findKey(keyEncryptionKey(version).tokenId, "secret");
    if (handle !== null) {
      this.#keys.set(version, handle);
    }
    return handle;
  }

  #require(version: number): pkcs11js.Handle {
    const handle = this.#find(version) ?? this.#token.findStoredKey(keyEncryptionKey(version).tokenId, "secret");
    if (handle === null) {
      throw new WorkerFailure("key-missing", `version ${version} of the key-encryption key is not in the token`);
    }
    return handle;
  }

  /** Zeros that the token itself puts behind a secret of that many bytes when it wraps it. */
  zerosBehind(keyClass: KeyClass, length: number): number {
    return keyClass === "secret" && this.#token.quirks.padsWithZeros ? (8 - (length % 8)) % 8 : 0;
  }

  /** Wraps a session object of `length` bytes, the last `zeros` of what is sealed being no part of the key. */
  wrap(handle: pkcs11js.Handle, length: number, zeros: number): { material: Buffer; version: number } {
    if (performance.now() - this.#lookedAt > LOOK_INTERVAL) {
      this.findNewestVersion();
    }
    const { blob, version } = this.#wrapUnderNewest(handle, length);
    return { material: withPadding(blob, zeros), version };
  }

  #wrapUnderNewest(handle: pkcs11js.Handle, length: number): { blob: Buffer; version: number } {
    const run = () => {
      const version = this.#newestVersion;
      const blob = this.#token.module.C_WrapKey(
        this.#token.keeperSession,
        { mechanism: this.#token.quirks.paddedWrapMechanism },
        this.#require(version),
        handle,
        Buffer.alloc(length + 4 * WRAP_OVERHEAD),
      );
      return { blob, version };
    };
    try {
      return run();
    } catch (error) {
      const isGone = error instanceof WorkerFailure && error.code === "key-missing";
      if (!isGone && failureKindOf(error) !== "stale-handle") {
        throw error;
      }
      // Another process made newer ones and removed what was the newest here.
      this.forget();
      this.findNewestVersion();
      return run();
    }
  }

  /**
   * Length in bytes of a secret of the token that may not be read: as the token tells it or, where it does not, as the
   * key wrap of RFC 3394 shows it, which takes multiples of 8. Null where it is known by neither.
   */
  measure(handle: pkcs11js.Handle): number | null {
    const { module, keeperSession } = this.#token;
    const [told] = this.#token.attributes(handle, [pkcs11js.CKA_VALUE_LEN]);
    const length = told === undefined || told.length < 4 ? 0 : told.readUInt32LE(0);
    if (length > 0) return length;
    const mechanism = { mechanism: pkcs11js.CKM_AES_KEY_WRAP };
    try {
      const room = Buffer.alloc(MEASURE_ROOM);
      return (
        module.C_WrapKey(keeperSession, mechanism, this.#require(this.#newestVersion), handle, room).length -
        WRAP_OVERHEAD
      );
    } catch (error) {
      if (returnValueOf(error) === pkcs11js.CKR_KEY_SIZE_RANGE) return null;
      throw error;
    }
  }

  /** Unwraps under the key-encryption key; `damaged` where it does not open. */
  unwrap(
    key: Pick<KeyReference, "material" | "keyEncryptionKeyVersion">,
    template: pkcs11js.Template,
  ): pkcs11js.Handle {
    try {
      return this.#token.module.C_UnwrapKey(
        this.#token.keeperSession,
        { mechanism: this.#token.quirks.paddedWrapMechanism },
        this.#require(key.keyEncryptionKeyVersion),
        wrappedParts(key.material).blob,
        template,
      );
    } catch (error) {
      if (failureKindOf(error) === "stale-handle") {
        this.#keys.clear();
        throw error;
      }
      throw this.#token.explain(error, "damaged");
    }
  }
}

import pkcs11js from "pkcs11js";
import type { ImportRequest, KeyReference, StoredKey, WrapSpecification } from "../../port.js";
import { mechanismOf } from "../mechanisms.js";
import { oaepParameter } from "./ciphers.js";
import type { Custody } from "./custody.js";
import { failureKindOf, invalidData, returnValueOf, unsupported, WorkerFailure } from "./errors.js";
import { wrappedParts } from "./key-encryption.js";
import { checkImport } from "./key-rules.js";
import type { KeyTaking } from "./key-taking.js";
import { padAndWrap } from "./padded-wrap.js";
import { READABLE_SECRET, SEALED_SECRET } from "./templates.js";

const AES_BLOCK = 16;

/** Longest value wrapped block by block, in bytes: the largest private key. */
const PADDED_LIMIT = 16 * 1024;

/** Room for a wrapped key beyond its own length, in bytes: RSA-16384 at most. */
const WRAP_ROOM = 2048;

function requireWhole(specification: WrapSpecification, length: number): void {
  if (specification.name === "aes-kw" && (length % 8 !== 0 || length < AES_BLOCK)) {
    throw invalidData("AES key wrap takes 16 bytes or more, in multiples of 8 (RFC 3394)");
  }
}

/** Wrapping one key of the partition with another, and taking in keys that others have wrapped. */
export class Wrapping {
  readonly #custody: Custody;
  readonly #taking: KeyTaking;

  constructor(custody: Custody, taking: KeyTaking) {
    this.#custody = custody;
    this.#taking = taking;
  }

  #mechanism(key: KeyReference, specification: WrapSpecification): pkcs11js.Mechanism {
    const mechanism = mechanismOf(this.#custody.token.quirks, specification, key.keyType);
    if (mechanism === null) {
      throw unsupported(`the token does not wrap by ${specification.name} with a key of type ${key.keyType}`);
    }
    return specification.name === "rsa-oaep" ? { mechanism, parameter: oaepParameter(specification) } : { mechanism };
  }

  /** Wraps the raw secret or the PKCS#8 DER of a wrapped key. */
  wrap(target: KeyReference, wrappingKey: KeyReference, specification: WrapSpecification): Buffer {
    if (target.custody === "token") {
      throw new WorkerFailure("not-extractable", "a key of the token does not leave it");
    }
    if (target.custody !== "wrapped" || target.keyClass === "public") {
      throw invalidData("only a wrapped secret or private key can be wrapped");
    }
    if (this.#isKnownExactly(target)) {
      return this.#withTarget(target, specification, (handle) =>
        this.#wrapHandle(handle, wrappingKey, specification, WRAP_ROOM + target.material.length),
      );
    }
    return this.#custody.withValue(target, (value) => {
      requireWhole(specification, value.length);
      if (specification.name === "aes-kwp" && value.length % 8 !== 0) {
        return this.#wrapPadded(value, wrappingKey);
      }
      return this.#custody.token.briefly(this.#custody.createSecret(value, READABLE_SECRET), (handle) =>
        this.#wrapHandle(handle, wrappingKey, specification, WRAP_ROOM + value.length),
      );
    });
  }

  /** Whether the token, opening a target, has just its bytes and no zeros behind them. */
  #isKnownExactly({ material, keyClass }: KeyReference): boolean {
    const { padsWithZeros } = this.#custody.token.quirks;
    return wrappedParts(material).padding === 0 && (keyClass === "secret" || !padsWithZeros);
  }

  /** The target as a secret, byte for byte what was taken in; as a private key only where it is too long for one. */
  #withTarget<Result>(
    target: KeyReference,
    specification: WrapSpecification,
    run: (handle: pkcs11js.Handle) => Result,
  ) {
    const { token, keyEncryption } = this.#custody;
    if (wrappedParts(target.material).filledLength > token.quirks.longestSecret) {
      return token.briefly(this.#custody.openWrapped(target), run);
    }
    return token.briefly(keyEncryption.unwrap(target, SEALED_SECRET), (handle) => {
      requireWhole(specification, keyEncryption.measure(handle) ?? 0);
      return run(handle);
    });
  }

  #wrapHandle(
    handle: pkcs11js.Handle,
    wrappingKey: KeyReference,
    specification: WrapSpecification,
    room: number,
  ): Buffer {
    const { token } = this.#custody;
    const mechanism = this.#mechanism(wrappingKey, specification);
    return this.#custody.withKey(wrappingKey, "own", (wrapping) => {
      try {
        const output = Buffer.alloc(room);
        return Buffer.from(token.module.C_WrapKey(token.keeperSession, mechanism, wrapping, handle, output));
      } catch (error) {
        if (returnValueOf(error) === pkcs11js.CKR_KEY_SIZE_RANGE) {
          throw invalidData(`a key of that length is not wrapped by ${specification.name}`);
        }
        throw failureKindOf(error) === "stale-handle" ? error : token.explain(error, "device-error");
      }
    });
  }

  /** RFC 5649 over single blocks, for a module whose own mechanism would seal the zeros it pads with as well. */
  #wrapPadded(value: Buffer, wrappingKey: KeyReference): Buffer {
    if (wrappingKey.keyType !== "aes") {
      throw unsupported(`the token does not wrap by aes-kwp with a key of type ${wrappingKey.keyType}`);
    }
    if (value.length > PADDED_LIMIT) {
      throw unsupported(`at most ${PADDED_LIMIT} bytes are wrapped with padding`);
    }
    const { token } = this.#custody;
    return this.#custody.withKey(wrappingKey, "own", (wrapping) => {
      try {
        return token.operate((session) => {
          token.module.C_EncryptInit(session, { mechanism: pkcs11js.CKM_AES_ECB }, wrapping);
          const block = Buffer.alloc(2 * AES_BLOCK);
          const wrapped = padAndWrap(value, (input) => token.module.C_EncryptUpdate(session, input, block));
          token.module.C_EncryptFinal(session, block);
          return wrapped;
        });
      } catch (error) {
        throw failureKindOf(error) === "stale-handle" ? error : token.explain(error, "device-error");
      }
    });
  }

  /** Unwraps a foreign blob inside the token and takes it into custody. What does not open is `decryption-failed`. */
  unwrap(
    wrappedKey: Buffer,
    unwrappingKey: KeyReference,
    specification: WrapSpecification,
    request: Omit<ImportRequest, "value">,
  ): StoredKey {
    const { token } = this.#custody;
    if (specification.name === "rsa-pkcs1") {
      throw unsupported("whether the token unwraps with PKCS#1 v1.5 padding would say whether the padding was good");
    }
    const mechanism = this.#mechanism(unwrappingKey, specification);
    if (wrappedKey.length === 0) {
      throw new WorkerFailure("decryption-failed", "there is nothing to unwrap");
    }
    const isRead = request.confined !== true;
    const template = isRead ? READABLE_SECRET : SEALED_SECRET;
    const opened = this.#custody.withKey(unwrappingKey, "own", (unwrapping) => {
      try {
        return token.module.C_UnwrapKey(token.keeperSession, mechanism, unwrapping, wrappedKey, template);
      } catch (error) {
        throw failureKindOf(error) === "stale-handle" ? error : token.explain(error, "decryption-failed");
      }
    });
    return token.briefly(opened, (handle) => {
      if (!isRead) return this.#taking.keepUnread(handle, request);
      return this.#custody.readValue(handle, (value) => {
        checkImport({ ...request, value }, token.quirks.longestSecret);
        return this.#taking.keepSecret(handle, value.length, request);
      });
    });
  }
}

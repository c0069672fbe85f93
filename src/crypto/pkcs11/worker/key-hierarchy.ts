import type pkcs11js from "pkcs11js";
import { sameSecret } from "#src/secrecy/same-secret.js";
import type { KeyReference, StoredKey } from "../../port.js";
import { KEY_ENCRYPTION_KEY_VERSIONS, keyEncryptionKey } from "../partition-keys.js";
import type { Custody } from "./custody.js";
import { invalidData, unsupported, WorkerFailure } from "./errors.js";
import { digestKey } from "./key-digest.js";
import { wrappedParts } from "./key-encryption.js";
import { makeKeyEncryptionKey, type OpenedPartition } from "./partition-setup.js";
import { SEALED_SECRET } from "./templates.js";
import type { TokenKeys } from "./token-keys.js";

/** The versions of the key-encryption key, and keys on their way from one to the next. */
export class KeyHierarchy {
  readonly #custody: Custody;
  readonly #tokenKeys: TokenKeys;

  constructor(opened: Pick<OpenedPartition, "custody" | "tokenKeys">) {
    this.#custody = opened.custody;
    this.#tokenKeys = opened.tokenKeys;
  }

  /** The versions in the token, oldest first. */
  versions(): number[] {
    this.#custody.token.checkCanary();
    return this.#custody.keyEncryption.versions();
  }

  /** Makes the version after the newest, unless it is there and works. */
  make(version: number): void {
    const { keyEncryption } = this.#custody;
    this.#custody.token.checkCanary();
    const newest = keyEncryption.findNewestVersion();
    if (version <= newest) {
      return;
    }
    if (version !== newest + 1) {
      throw invalidData(`version ${newest + 1} of the key-encryption key is next, not ${version}`);
    }
    if (version > KEY_ENCRYPTION_KEY_VERSIONS) {
      throw unsupported(`there are at most ${KEY_ENCRYPTION_KEY_VERSIONS} versions of the key-encryption key`);
    }
    // What is found and does not work is what a crash left of it: no key was ever wrapped by it.
    if (keyEncryption.versions().includes(version)) {
      this.#tokenKeys.destroy(keyEncryptionKey(version).tokenId, "secret");
    }
    makeKeyEncryptionKey({ custody: this.#custody, tokenKeys: this.#tokenKeys }, version);
    if (keyEncryption.findNewestVersion() !== version) {
      throw new WorkerFailure("device-error", "the new key-encryption key does not wrap what it then unwraps");
    }
  }

  /** Removes the oldest version, unless it is gone. */
  remove(version: number): void {
    const versions = this.versions();
    const oldest = versions[0] ?? version;
    if (version >= (versions.at(-1) ?? version) || version > oldest) {
      throw invalidData(`version ${version} of the key-encryption key is not the oldest of several`);
    }
    this.#tokenKeys.destroy(keyEncryptionKey(version).tokenId, "secret");
    this.#custody.keyEncryption.forget(version);
  }

  /** Wraps a key anew under the newest version, and opens what came of it to prove it the same key. */
  rewrap(key: KeyReference): Omit<StoredKey, "digest"> {
    if (key.custody !== "wrapped") {
      throw invalidData("only a wrapped key can be wrapped anew");
    }
    const { keyEncryption, token } = this.#custody;
    const { filledLength, padding } = wrappedParts(key.material);
    const isSecret = filledLength <= token.quirks.longestSecret;
    const open = (reference: KeyReference): pkcs11js.Handle =>
      isSecret ? keyEncryption.unwrap(reference, SEALED_SECRET) : this.#custody.openWrapped(reference);
    return token.briefly(open(key), (handle) => {
      // The zeros, where there are any, are a part of what is opened and wrapped again.
      const { material, version } = keyEncryption.wrap(handle, filledLength, padding);
      // What opens as a private key is one; only secrets are digested.
      const digest = isSecret ? digestKey(token, handle) : null;
      token.briefly(open({ ...key, material, keyEncryptionKeyVersion: version }), (opened) => {
        const proof = digest === null ? null : digestKey(token, opened);
        if (digest !== null && (proof === null || !sameSecret(proof, digest))) {
          throw new WorkerFailure("device-error", "a key that was wrapped anew does not open to the same key");
        }
      });
      return { material, keyEncryptionKeyVersion: version };
    });
  }

  /** Opens a wrapped key and keeps nothing of it. */
  prove(key: KeyReference): void {
    if (key.custody !== "wrapped" || key.keyClass === "public") {
      throw invalidData("only a wrapped key is proved by opening it");
    }
    this.#custody.token.discard(this.#custody.openWrapped(key));
  }
}

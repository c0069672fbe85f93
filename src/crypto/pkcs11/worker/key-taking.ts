import type pkcs11js from "pkcs11js";
import type { ImportRequest, KeyReference, MoveRequest, StoredKey } from "../../port.js";
import { HASHES } from "../mechanisms.js";
import { type Custody, HMAC_FILLED_LENGTH } from "./custody.js";
import { invalidData, unsupported, WorkerFailure } from "./errors.js";
import { digestKey } from "./key-digest.js";
import { wrappedParts } from "./key-encryption.js";
import { checkImport, checkLength, tokenIdentity } from "./key-rules.js";
import { keyTemplate, makeInToken } from "./new-key.js";
import { identity, keyTypeCode, READABLE_SECRET, unwrapAttributes } from "./templates.js";
import type { TokenKeys } from "./token-keys.js";

/** Takes keys into custody: from plaintext, from the token itself, and from one key-encryption key to the next. */
export class KeyTaking {
  readonly #custody: Custody;
  readonly #tokenKeys: TokenKeys;

  constructor(custody: Custody, tokenKeys: TokenKeys) {
    this.#custody = custody;
    this.#tokenKeys = tokenKeys;
  }

  get #token() {
    return this.#custody.token;
  }

  /** Takes plaintext key material into custody and zeroes it. */
  importKey(request: ImportRequest): StoredKey {
    const { value } = request;
    try {
      checkImport(request, this.#token.quirks.longestSecret);
      return this.#token.briefly(this.#custody.createSecret(value, READABLE_SECRET), (handle) =>
        this.#isFilledUp(request, value.length)
          ? this.#keepFilledUp(handle, value, request)
          : this.keepSecret(handle, value.length, request),
      );
    } finally {
      value.fill(0);
    }
  }

  /**
   * Whether a secret is to be sealed filled up with zeros: one that is too short for HMAC with SHA-256, or whose length the
   * token does not keep. Nobody could fill it up later without its plaintext.
   */
  #isFilledUp({ confined, custody, keyType }: Omit<ImportRequest, "value">, length: number): boolean {
    if (confined !== true || custody !== "wrapped" || keyType !== "generic") return false;
    const least = this.#token.mechanism(HASHES.sha256.hmac)?.minKeySize ?? 0;
    const loses = this.#token.quirks.padsWithZeros && length % 8 !== 0;
    return length < least || (loses && length < HMAC_FILLED_LENGTH);
  }

  #keepFilledUp(handle: pkcs11js.Handle, value: Buffer, request: Omit<ImportRequest, "value">): StoredKey {
    const digest = digestKey(this.#token, handle);
    const filled = Buffer.alloc(HMAC_FILLED_LENGTH);
    value.copy(filled);
    try {
      const zeros = filled.length - value.length;
      return this.#token.briefly(this.#custody.createSecret(filled, READABLE_SECRET), (secret) => ({
        ...this.#keepWrapped(secret, { length: filled.length, zeros }, request),
        digest,
      }));
    } finally {
      filled.fill(0);
    }
  }

  #keepWrapped(
    handle: pkcs11js.Handle,
    { length, zeros }: { readonly length: number; readonly zeros: number },
    { objectId, keyClass, keyType }: Omit<ImportRequest, "value">,
  ): Omit<StoredKey, "digest"> {
    const { material, version } = this.#custody.keyEncryption.wrap(handle, length, zeros);
    const key: KeyReference = {
      objectId,
      keyClass,
      keyType,
      custody: "wrapped",
      material,
      keyEncryptionKeyVersion: version,
    };
    this.#custody.remember(
      key,
      asImport(() => this.#custody.openWrapped(key)),
    );
    return { material, keyEncryptionKeyVersion: version };
  }

  /** Takes a secret of the token, of `length` bytes (a raw secret or PKCS#8 DER), into custody as what the request says. */
  keepSecret(handle: pkcs11js.Handle, length: number, request: Omit<ImportRequest, "value">): StoredKey {
    const { keyClass } = request;
    const { keyEncryption } = this.#custody;
    const digest = digestKey(this.#token, handle);
    const zeros = keyEncryption.zerosBehind(keyClass, length);
    if (request.custody === "wrapped") return { ...this.#keepWrapped(handle, { length, zeros }, request), digest };
    const { material, version } = keyEncryption.wrap(handle, length, zeros);
    this.#toToken({ material, keyEncryptionKeyVersion: version }, { length, zeros }, request);
    return { material: tokenIdentity(request).tokenId, keyEncryptionKeyVersion: 0, digest };
  }

  /** Unwraps a key of `length` bytes into the token, for ever. */
  #toToken(
    key: Pick<KeyReference, "material" | "keyEncryptionKeyVersion">,
    { length, zeros }: { readonly length: number; readonly zeros: number },
    request: Omit<ImportRequest, "value">,
  ): void {
    const { keyClass, keyType } = request;
    if (zeros > 0) {
      throw unsupported("the token takes only secrets for ever whose very bytes are sealed: of a multiple of 8");
    }
    const template = [
      ...identity(keyClass, keyTypeCode(keyType, length)),
      ...keyTemplate(request, keyClass, keyType, this.#token.quirks.unwrapsModifiableOnly),
      ...unwrapAttributes(this.#token.quirks, request),
    ];
    makeInToken(this.#tokenKeys, request, keyClass, keyType, () =>
      asImport(() => this.#custody.keyEncryption.unwrap(key, template)),
    );
  }

  /** Makes a wrapped key one of the token. */
  moveToToken(key: KeyReference, request: MoveRequest): void {
    const { objectId, keyClass, keyType } = key;
    if (key.custody !== "wrapped" || keyClass === "public") {
      throw invalidData("only a wrapped secret or private key can be moved into the token");
    }
    const { padding: zeros, filledLength } = wrappedParts(key.material);
    const taken = { ...request, objectId, keyClass, keyType, custody: "token" } as const;
    this.#toToken(key, { length: filledLength - zeros, zeros }, taken);
  }

  /** As keepSecret, for a secret that nobody has read; `not-extractable` where its length does not show. */
  keepUnread(handle: pkcs11js.Handle, request: Omit<ImportRequest, "value">): StoredKey {
    const length = this.#custody.keyEncryption.measure(handle);
    if (length === null) {
      throw new WorkerFailure("not-extractable", "the token does not tell the length of a key that nobody may read");
    }
    checkLength(request, length, this.#token.quirks.longestSecret);
    return this.keepSecret(handle, length, request);
  }
}

/** What does not open at once as the key it was said to be never was one. */
function asImport(open: () => pkcs11js.Handle): pkcs11js.Handle {
  try {
    return open();
  } catch (error) {
    if (error instanceof WorkerFailure && (error.code === "damaged" || error.code === "unsupported")) {
      throw invalidData(`the token does not take the value as a key of that type: ${error.message}`);
    }
    throw error;
  }
}

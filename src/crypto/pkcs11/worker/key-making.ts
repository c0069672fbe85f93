import pkcs11js from "pkcs11js";
import { sameSecret } from "#src/secrecy/same-secret.js";
import type {
  GeneratePairRequest,
  GenerateSecretRequest,
  KeyReference,
  KeyType,
  StoredKey,
  StoredKeyPair,
} from "../../port.js";
import { HASHES } from "../mechanisms.js";
import type { Custody } from "./custody.js";
import { innerPrivateKey } from "./der.js";
import { WorkerFailure } from "./errors.js";
import { digestKey } from "./key-digest.js";
import { PRIVATE_KEY_ROOM, pairParameters, secretKind, tokenIdentity } from "./key-rules.js";
import { keyTemplate, makeInToken } from "./new-key.js";
import { exportEcPublicKey, exportRsaPublicKey } from "./public-key.js";
import { identity, keyTypeCode, permittedUsages, usageAttributes } from "./templates.js";
import type { TokenKeys } from "./token-keys.js";

/** What a new pair signs and verifies to prove itself. */
const PROBE = Buffer.alloc(32, 0xa5);

/** Makes keys and key pairs. */
export class KeyMaking {
  readonly #custody: Custody;
  readonly #tokenKeys: TokenKeys;

  constructor(custody: Custody, tokenKeys: TokenKeys) {
    this.#custody = custody;
    this.#tokenKeys = tokenKeys;
  }

  get #token() {
    return this.#custody.token;
  }

  /** Wraps a session object, opens the result to prove it, and remembers that handle. */
  #keep(
    handle: pkcs11js.Handle,
    key: Pick<KeyReference, "objectId" | "keyClass" | "keyType">,
    length: number,
  ): { reference: KeyReference; opened: pkcs11js.Handle } {
    const { keyEncryption } = this.#custody;
    const { material, version } = keyEncryption.wrap(handle, length, keyEncryption.zerosBehind(key.keyClass, length));
    const reference: KeyReference = { ...key, custody: "wrapped", material, keyEncryptionKeyVersion: version };
    const opened = this.#custody.openWrapped(reference);
    this.#custody.remember(reference, opened);
    return { reference, opened };
  }

  /** Makes a secret key. */
  generateSecret(request: GenerateSecretRequest): StoredKey {
    const kind = secretKind(request, this.#token.quirks.longestSecret);
    const { keyType, objectId } = request;
    const template: pkcs11js.Template = [
      ...identity("secret", keyTypeCode(keyType, kind.length)),
      ...(kind.statesLength ? [{ type: pkcs11js.CKA_VALUE_LEN, value: kind.length }] : []),
      ...keyTemplate(request, "secret", keyType),
    ];
    const make = () =>
      this.#token.module.C_GenerateKey(this.#token.keeperSession, { mechanism: kind.mechanism }, template);
    if (request.custody === "token") {
      const handle = makeInToken(this.#tokenKeys, request, "secret", keyType, make);
      return {
        material: tokenIdentity(request).tokenId,
        keyEncryptionKeyVersion: 0,
        digest: digestKey(this.#token, handle),
      };
    }
    return this.#custody.token.briefly(make(), (handle) => {
      const digest = digestKey(this.#token, handle);
      const { reference, opened } = this.#keep(handle, { objectId, keyClass: "secret", keyType }, kind.length);
      const exact = kind.length % 8 === 0;
      const proof = exact && digest !== null ? digestKey(this.#token, opened) : digest;
      if (digest !== null && (proof === null || !sameSecret(proof, digest))) {
        throw new WorkerFailure("device-error", "a wrapped key does not open to what was wrapped");
      }
      return { material: reference.material, keyEncryptionKeyVersion: reference.keyEncryptionKeyVersion, digest };
    });
  }

  /** Makes a key pair. */
  generatePair(request: GeneratePairRequest): StoredKeyPair {
    const { algorithm } = request;
    const { keyType } = algorithm;
    // The key-encryption key is renewed in another worker; looking for it costs nothing beside making a pair.
    this.#custody.keyEncryption.findNewestVersion();
    const mechanism = keyType === "rsa" ? pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN : pkcs11js.CKM_EC_KEY_PAIR_GEN;
    const publicTemplate: pkcs11js.Template = [
      ...identity("public", keyTypeCode(keyType, 0)),
      { type: pkcs11js.CKA_TOKEN, value: false },
      ...usageAttributes("public", permittedUsages(keyType, "public", undefined)),
      ...pairParameters(algorithm),
    ];
    const privateTemplate: pkcs11js.Template = [
      ...identity("private", keyTypeCode(keyType, 0)),
      ...keyTemplate(request, "private", keyType),
    ];
    let publicHandle: pkcs11js.Handle | null = null;
    const make = () => {
      const pair = this.#token.module.C_GenerateKeyPair(
        this.#token.keeperSession,
        { mechanism },
        publicTemplate,
        privateTemplate,
      );
      publicHandle = pair.publicKey;
      return pair.privateKey;
    };
    const privateHandle =
      request.custody === "token" ? makeInToken(this.#tokenKeys, request, "private", keyType, make) : make();
    if (publicHandle === null) {
      throw new WorkerFailure("device-error", "the token gave no public key");
    }
    return this.#custody.token.briefly(publicHandle, (handle) => {
      const publicKey =
        algorithm.keyType === "rsa"
          ? exportRsaPublicKey(this.#token, handle)
          : exportEcPublicKey(this.#token, handle, algorithm.curve);
      return { privateKey: this.#keepPrivate(request, privateHandle, handle), publicKey };
    });
  }

  #keepPrivate(request: GeneratePairRequest, handle: pkcs11js.Handle, publicHandle: pkcs11js.Handle): StoredKey {
    const { keyType } = request.algorithm;
    if (request.custody === "token") {
      if (permittedUsages(keyType, "private", request.usages).includes("sign")) {
        this.#provePair(keyType, handle, publicHandle);
      }
      return { material: tokenIdentity(request).tokenId, keyEncryptionKeyVersion: 0, digest: null };
    }
    return this.#custody.token.briefly(handle, () => {
      const key = { objectId: request.objectId, keyClass: "private", keyType } as const;
      const { reference, opened } = this.#keep(handle, key, PRIVATE_KEY_ROOM);
      this.#provePair(keyType, opened, publicHandle);
      const digest =
        request.confined === true
          ? null
          : this.#custody.withValue(reference, (value) => this.#digestOfPrivate(keyType, value));
      return { material: reference.material, keyEncryptionKeyVersion: reference.keyEncryptionKeyVersion, digest };
    });
  }

  #digestOfPrivate(keyType: KeyType, pkcs8: Buffer): Buffer {
    const key = keyType === "rsa" ? innerPrivateKey(pkcs8) : pkcs8;
    if (key === null) {
      throw new WorkerFailure("device-error", "the token wrapped a private key that is no PKCS#8 DER");
    }
    return this.digestOf(key);
  }

  /** SHA-256 of bytes, computed in the token. */
  digestOf(value: Buffer): Buffer {
    return this.#token.operate((session) => {
      this.#token.module.C_DigestInit(session, { mechanism: HASHES.sha256.digest });
      return this.#token.module.C_Digest(session, value, Buffer.alloc(HASHES.sha256.length));
    });
  }

  /** The test of pairwise consistency: what the private key signs, the public key verifies. */
  #provePair(keyType: KeyType, privateHandle: pkcs11js.Handle, publicHandle: pkcs11js.Handle): void {
    const mechanism = keyType === "rsa" ? pkcs11js.CKM_RSA_PKCS : pkcs11js.CKM_ECDSA;
    const { module } = this.#token;
    this.#token.operate((session) => {
      module.C_SignInit(session, { mechanism }, privateHandle);
      const signature = module.C_Sign(session, PROBE, Buffer.alloc(2048));
      module.C_VerifyInit(session, { mechanism }, publicHandle);
      module.C_Verify(session, PROBE, signature);
    });
  }
}

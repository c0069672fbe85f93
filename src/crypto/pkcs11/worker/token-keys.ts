import pkcs11js from "pkcs11js";
import type { KeyClass, KeyType, KeyUsage, TokenRemnant } from "../../port.js";
import type { PartitionKey } from "../partition-keys.js";
import type { Custody } from "./custody.js";
import { WorkerFailure } from "./errors.js";
import { objectClass } from "./templates.js";
import type { TokenFiles } from "./token-files.js";

/** What is made in the token. */
export interface NewTokenKey {
  readonly key: PartitionKey;
  readonly keyClass: KeyClass;
  readonly keyType: KeyType;
  readonly usages: readonly KeyUsage[];
}

const PROBE = Buffer.alloc(32, 0x5a);

/** The operation by which a new key proves itself; null where its usages permit none that needs no partner. */
function trialMechanism(made: NewTokenKey): number | null {
  if (made.usages.includes("encrypt") && made.keyType === "aes") {
    return pkcs11js.CKM_AES_ECB;
  }
  if (made.usages.includes("encrypt") && made.keyType === "des3") {
    return pkcs11js.CKM_DES3_ECB;
  }
  if (made.usages.includes("sign")) {
    const signing: Readonly<Record<KeyType, number>> = {
      aes: pkcs11js.CKM_AES_CMAC,
      des3: pkcs11js.CKM_DES3_CMAC,
      generic: pkcs11js.CKM_SHA256_HMAC,
      rsa: pkcs11js.CKM_RSA_PKCS,
      ec: pkcs11js.CKM_ECDSA,
    };
    return signing[made.keyType];
  }
  return null;
}

/** Token keys are written once: created with all attributes, made durable, read again and tried before they count. */
export class TokenKeys {
  readonly #custody: Custody;
  readonly #files: TokenFiles | null;
  /** Keys that could not be removed; few, as removing goes on with a new worker. */
  readonly #forgotten = new Set<string>();

  constructor(custody: Custody, files: TokenFiles | null) {
    this.#custody = custody;
    this.#files = files;
  }

  /** Makes a key in the token. What proves incomplete is removed again. */
  create(made: NewTokenKey, generate: () => pkcs11js.Handle): pkcs11js.Handle {
    const before = this.#files?.objects() ?? new Set<string>();
    const handle = this.#make(generate);
    try {
      this.#files?.settle(before, 1);
      this.#readAgain(made);
      this.#try(made, handle);
      return handle;
    } catch (error) {
      this.#custody.token.discard(handle);
      this.#files?.settleFolders();
      throw error;
    }
  }

  #make(generate: () => pkcs11js.Handle): pkcs11js.Handle {
    try {
      return generate();
    } catch (error) {
      if (this.#files?.full === true) {
        throw new WorkerFailure("token-full", "the disk of the token has no room for another key", { cause: error });
      }
      throw error;
    }
  }

  #readAgain(made: NewTokenKey): void {
    const found = this.#custody.token.findKey(made.key.tokenId, made.keyClass);
    if (found === null) {
      const fault = "key-not-written";
      throw new WorkerFailure("device-error", "the token does not find the key it has just made", { fault });
    }
    const [tokenId, keyClass] = this.#custody.token.attributes(found, [pkcs11js.CKA_ID, pkcs11js.CKA_CLASS]);
    const sameClass = keyClass?.readUInt8(0) === objectClass(made.keyClass);
    if (tokenId?.equals(made.key.tokenId) !== true || !sameClass) {
      const fault = "key-not-written";
      throw new WorkerFailure("device-error", "the token gives other attributes than it was asked for", { fault });
    }
  }

  #try(made: NewTokenKey, handle: pkcs11js.Handle): void {
    const mechanism = trialMechanism(made);
    const token = this.#custody.token;
    if (mechanism === null || token.mechanism(mechanism) === null) {
      return;
    }
    const tooShort = made.keyType === "generic" && this.#length(handle) < (token.mechanism(mechanism)?.minKeySize ?? 0);
    if (tooShort) {
      return;
    }
    token.operate((session) => {
      const output = Buffer.alloc(2048);
      if (mechanism === pkcs11js.CKM_AES_ECB || mechanism === pkcs11js.CKM_DES3_ECB) {
        token.module.C_EncryptInit(session, { mechanism }, handle);
        token.module.C_Encrypt(session, PROBE, output);
      } else {
        token.module.C_SignInit(session, { mechanism }, handle);
        token.module.C_Sign(session, PROBE, output);
      }
    });
  }

  #length(handle: pkcs11js.Handle): number {
    const [length] = this.#custody.token.attributes(handle, [pkcs11js.CKA_VALUE_LEN]);
    return length?.readUInt32LE(0) ?? 0;
  }

  /** What the making of keys that were cut off has left in the token's files, while the canary is found. */
  remnants(): readonly TokenRemnant[] {
    this.#custody.token.checkCanary();
    return this.#files?.remnants() ?? [];
  }

  /** Removes such a remnant, durably. */
  removeRemnant(name: string): void {
    this.#custody.token.checkCanary();
    this.#files?.removeRemnant(name);
  }

  /**
   * Removes a key of the token for good; what is not there counts as removed while the canary is found. SoftHSM forgets
   * a key whose file it could not remove, and has it again when it is started anew: in this worker it does not count as
   * removed, and a new one is asked for as soon as the disk takes writes.
   */
  destroy(tokenId: Buffer, keyClass: KeyClass): void {
    const name = `${keyClass} ${tokenId.toString("hex")}`;
    const handle = this.#custody.token.findStoredKey(tokenId, keyClass);
    if (handle === null && this.#forgotten.has(name)) {
      const restart = this.#files?.writable !== false;
      throw new WorkerFailure("device-error", "a key that could not be removed is out of sight", { restart });
    }
    if (handle !== null) this.#remove(handle, name);
    this.#files?.settleFolders();
  }

  #remove(handle: pkcs11js.Handle, name: string): void {
    try {
      this.#custody.token.destroy(handle);
    } catch (error) {
      this.#forgotten.add(name);
      throw error;
    }
  }
}

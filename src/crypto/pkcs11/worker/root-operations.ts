import type { KeyReference } from "../../port.js";
import { PARTITION_KEYS, type PartitionKey } from "../partition-keys.js";
import { Ciphers } from "./ciphers.js";
import type { Custody } from "./custody.js";
import { WorkerFailure } from "./errors.js";
import { exportEcPublicKey } from "./public-key.js";
import type { Signatures } from "./signatures.js";

/** Layout of what is sealed: one byte of version, the IV, the ciphertext, the tag. */
const SEAL = { version: 1, ivLength: 12, tagLength: 16 } as const;
const HEADER_LENGTH = 1 + SEAL.ivLength;

function partitionKeyReference(
  key: PartitionKey,
  keyClass: KeyReference["keyClass"],
  keyType: KeyReference["keyType"],
): KeyReference {
  return {
    objectId: key.label,
    custody: "token",
    keyClass,
    keyType,
    material: key.tokenId,
    keyEncryptionKeyVersion: 0,
  };
}

/** What the server's own partition does beyond that of a tenant. */
export class RootOperations {
  readonly #custody: Custody;
  readonly #ciphers: Ciphers;
  readonly #signatures: Signatures;

  constructor(custody: Custody, signatures: Signatures) {
    this.#custody = custody;
    this.#ciphers = new Ciphers(custody);
    this.#signatures = signatures;
  }

  #cipher(iv: Buffer, context: string) {
    const additionalData = Buffer.from(context, "utf8");
    return { name: "gcm" as const, iv, additionalData, tagLength: SEAL.tagLength };
  }

  /** Seals under the sealing key, bound to a context. */
  seal(plaintext: Buffer, context: string): Buffer {
    const { module, keeperSession } = this.#custody.token;
    const iv = module.C_GenerateRandom(keeperSession, Buffer.alloc(SEAL.ivLength));
    const key = partitionKeyReference(PARTITION_KEYS.sealing, "secret", "aes");
    const { data, tag } = this.#ciphers.encrypt(key, this.#cipher(iv, context), plaintext);
    return Buffer.concat([Buffer.from([SEAL.version]), iv, data, tag ?? Buffer.alloc(0)]);
  }

  /** Opens what was sealed with the same context. */
  unseal(sealed: Buffer, context: string): Buffer {
    if (sealed[0] !== SEAL.version || sealed.length < HEADER_LENGTH + SEAL.tagLength) {
      throw new WorkerFailure("decryption-failed", "not a sealed value");
    }
    const key = partitionKeyReference(PARTITION_KEYS.sealing, "secret", "aes");
    const cipher = this.#cipher(sealed.subarray(1, HEADER_LENGTH), context);
    const body = sealed.subarray(HEADER_LENGTH, sealed.length - SEAL.tagLength);
    return this.#ciphers.decrypt(key, cipher, body, sealed.subarray(sealed.length - SEAL.tagLength));
  }

  /** Signs with the checkpoint key. */
  signCheckpoint(data: Buffer): Buffer {
    const key = partitionKeyReference(PARTITION_KEYS.checkpoint, "private", "ec");
    return this.#signatures.sign(key, { name: "ecdsa", hash: "sha256" }, data);
  }

  /** SubjectPublicKeyInfo DER of the checkpoint key. */
  checkpointPublicKey(): Buffer {
    const handle = this.#custody.token.requireKey(PARTITION_KEYS.checkpoint.tokenId, "public");
    return exportEcPublicKey(this.#custody.token, handle, "P-256");
  }
}

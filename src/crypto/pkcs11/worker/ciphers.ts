import pkcs11js from "pkcs11js";
import type { CipherSpecification, Encrypted, KeyReference, KeyType } from "../../port.js";
import { BLOCK_LENGTH, HASHES, mechanismOf } from "../mechanisms.js";
import type { Quirks } from "../profiles/quirks.js";
import type { Custody } from "./custody.js";
import { failureKindOf, invalidData, unsupported, WorkerFailure } from "./errors.js";
import { padBlocks, unpadBlocks } from "./padding.js";

/** Tags shorter than this are forgeable (SP 800-38D appendix C); SoftHSM would take them. Bytes. */
const SHORTEST_TAG = 12;
const LONGEST_TAG = 16;
const LONGEST_GCM_IV = 256;
const CTR_BLOCK = 16;

/** CKZ_DATA_SPECIFIED, which pkcs11js does not name. */
const DATA_SPECIFIED = 1;

/** Room for the largest RSA result in bytes (RSA-16384). */
const RSA_ROOM = 2048;

/** Room beyond the input that a block cipher may need, in bytes. */
const BLOCK_ROOM = 32;

/** Longest plaintext or ciphertext of one call, in bytes. */
export const DATA_LIMIT = 32 * 1024 * 1024;

/** CK_AES_CTR_PARAMS: an unsigned long in the byte order of the machine, then the first counter block. */
function ctrParameter(iv: Buffer, counterBits: number): Buffer {
  const parameter = Buffer.alloc(8 + CTR_BLOCK);
  parameter.writeBigUInt64LE(BigInt(counterBits), 0);
  iv.copy(parameter, 8);
  return parameter;
}

/** CK_RSA_PKCS_OAEP_PARAMS. */
export function oaepParameter(specification: Extract<CipherSpecification, { name: "rsa-oaep" }>): pkcs11js.RsaOAEP {
  return {
    type: pkcs11js.CK_PARAMS_RSA_OAEP,
    hashAlg: HASHES[specification.hash].digest,
    mgf: HASHES[specification.maskHash].mask,
    source: DATA_SPECIFIED,
    ...(specification.label.length > 0 ? { sourceData: specification.label } : {}),
  };
}

function parameterOf(
  specification: CipherSpecification,
  gcmParameters: Quirks["gcmParameters"],
): pkcs11js.Mechanism["parameter"] {
  switch (specification.name) {
    case "cbc":
      return specification.iv;
    case "ctr":
      return ctrParameter(specification.iv, specification.counterBits);
    case "gcm": {
      const gcm: pkcs11js.AesGCM = {
        type: gcmParameters === "older" ? pkcs11js.CK_PARAMS_AES_GCM : pkcs11js.CK_PARAMS_AES_GCM_v240,
        iv: specification.iv,
        ivBits: specification.iv.length * 8,
        tagBits: specification.tagLength * 8,
        ...(specification.additionalData.length > 0 ? { aad: specification.additionalData } : {}),
      };
      return gcm;
    }
    case "rsa-oaep":
      return oaepParameter(specification);
    default:
      return undefined;
  }
}

function check(specification: CipherSpecification, keyType: KeyType, data: Buffer): void {
  if (data.length > DATA_LIMIT) {
    throw invalidData(`more than ${DATA_LIMIT} bytes in one call`);
  }
  const block = blockLength(keyType);
  switch (specification.name) {
    case "cbc":
      if (specification.iv.length !== block) {
        throw invalidData(`the IV has ${specification.iv.length} bytes, not ${block}`);
      }
      break;
    case "ctr":
      if (specification.iv.length !== CTR_BLOCK || specification.counterBits < 1 || specification.counterBits > 128) {
        throw invalidData("the counter block has 16 bytes, 1 to 128 bits of them counter");
      }
      break;
    case "gcm": {
      const { iv, tagLength } = specification;
      if (!Number.isInteger(tagLength) || tagLength < SHORTEST_TAG || tagLength > LONGEST_TAG) {
        throw invalidData(`a GCM tag has ${SHORTEST_TAG} to ${LONGEST_TAG} bytes, not ${tagLength}`);
      }
      if (iv.length < 1 || iv.length > LONGEST_GCM_IV) {
        throw invalidData(`a GCM IV has 1 to ${LONGEST_GCM_IV} bytes, not ${iv.length}`);
      }
      break;
    }
    default:
      break;
  }
}

/** What RSA padding takes of the modulus, in bytes (RFC 8017 §7.1.1, §7.2.1); SoftHSM does not look. */
function paddingLength(specification: CipherSpecification): number {
  switch (specification.name) {
    case "rsa-pkcs1":
      return 11;
    case "rsa-oaep":
      return 2 * HASHES[specification.hash].length + 2;
    default:
      return 0;
  }
}

/** Whether something of that length can be a ciphertext: not nothing at all, and of whole blocks where the mode has blocks. */
function mayBeCiphertext(specification: CipherSpecification, length: number, block: number): boolean {
  if (specification.name.startsWith("rsa")) return length > 0;
  if (!("padding" in specification)) return true;
  return length % block === 0 && !(specification.padding && length === 0);
}

/** Whether the blocks are padded here for encryption: no token pads in ECB mode. */
function padsHere(specification: CipherSpecification): boolean {
  return specification.name === "ecb" && specification.padding;
}

/**
 * The cipher without its padding, which is taken off here, and every byte of it looked at: tokens answer in their own ways
 * and times where it is wrong.
 */
function unpadded(specification: CipherSpecification): CipherSpecification {
  return "padding" in specification && specification.padding ? { ...specification, padding: false } : specification;
}

function blockLength(keyType: KeyType): number {
  return keyType === "des3" ? BLOCK_LENGTH.des3 : BLOCK_LENGTH.aes;
}

function room(specification: CipherSpecification, data: Buffer): number {
  return specification.name.startsWith("rsa") ? RSA_ROOM : data.length + BLOCK_ROOM;
}

/** Encryption and decryption. */
export class Ciphers {
  readonly #custody: Custody;

  constructor(custody: Custody) {
    this.#custody = custody;
  }

  /** The checked mechanism of a cipher with a key; `unsupported` and `invalid-data` where there is none. */
  mechanism(key: KeyReference, specification: CipherSpecification): pkcs11js.Mechanism {
    check(specification, key.keyType, Buffer.alloc(0));
    return this.#mechanism(key, specification);
  }

  #mechanism(key: KeyReference, specification: CipherSpecification): pkcs11js.Mechanism {
    const mechanism = mechanismOf(this.#custody.token.quirks, specification, key.keyType);
    if (mechanism === null) {
      throw unsupported(`the token does not do ${specification.name} with a key of type ${key.keyType}`);
    }
    const parameter = parameterOf(specification, this.#custody.token.quirks.gcmParameters);
    return parameter === undefined ? { mechanism } : { mechanism, parameter };
  }

  /** Encrypts with a secret or a public key. */
  encrypt(key: KeyReference, specification: CipherSpecification, data: Buffer): Encrypted {
    check(specification, key.keyType, data);
    const mechanism = this.#mechanism(key, specification);
    const block = blockLength(key.keyType);
    const padded = padsHere(specification) ? padBlocks(data, block) : data;
    const unpaddedBlocks =
      (specification.name === "ecb" || specification.name === "cbc") && !specification.padding && data.length % block;
    if (unpaddedBlocks) {
      throw invalidData(`without padding the data are whole blocks of ${block} bytes`);
    }
    if (specification.name.startsWith("rsa")) {
      this.#checkRoom(key, specification, data);
    }
    const output = this.#run(key, mechanism, "encrypt", padded, room(specification, padded), "device-error");
    if (padded !== data) {
      padded.fill(0);
    }
    if (specification.name !== "gcm") {
      return { data: output, tag: null };
    }
    const split = output.length - specification.tagLength;
    return { data: output.subarray(0, split), tag: output.subarray(split) };
  }

  #checkRoom(key: KeyReference, specification: CipherSpecification, data: Buffer): void {
    this.#custody.withKey(key, "own", (handle) => {
      const [modulus] = this.#custody.token.attributes(handle, [pkcs11js.CKA_MODULUS]);
      const most = (modulus?.length ?? 0) - paddingLength(specification);
      const least = specification.name === "rsa-raw" ? most : 1;
      if (data.length < least || data.length > most) {
        throw invalidData(`this key encrypts ${least} to ${most} bytes by ${specification.name}, not ${data.length}`);
      }
    });
  }

  /** Decrypts with a secret or a private key. Whatever is wrong with the data, the failure is `decryption-failed`. */
  decrypt(key: KeyReference, specification: CipherSpecification, data: Buffer, tag: Buffer | null): Buffer {
    check(specification, key.keyType, data);
    if (specification.name === "rsa-pkcs1") {
      throw unsupported("whether the token decrypts with PKCS#1 v1.5 padding would say whether the padding was good");
    }
    const bare = unpadded(specification);
    const mechanism = this.#mechanism(key, bare);
    const block = blockLength(key.keyType);
    if (specification.name === "gcm" && tag?.length !== specification.tagLength) {
      throw new WorkerFailure("decryption-failed", "the tag has another length than the specification says");
    }
    if (!mayBeCiphertext(specification, data.length, block)) {
      throw new WorkerFailure("decryption-failed", "a ciphertext has another length");
    }
    const whole = specification.name === "gcm" && tag !== null ? Buffer.concat([data, tag]) : data;
    const output = this.#run(key, mechanism, "decrypt", whole, room(specification, whole), "decryption-failed");
    return bare === specification ? output : unpadBlocks(output, block);
  }

  #run(
    key: KeyReference,
    mechanism: pkcs11js.Mechanism,
    direction: "encrypt" | "decrypt",
    data: Buffer,
    capacity: number,
    general: "device-error" | "decryption-failed",
  ): Buffer {
    const { token } = this.#custody;
    return this.#custody.withKey(key, "own", (handle) => {
      try {
        return token.operate(
          (session) => {
            const output = Buffer.alloc(capacity);
            return direction === "encrypt"
              ? token.encrypt(session, mechanism, handle, data, output)
              : token.decrypt(session, mechanism, handle, data, output);
          },
          general === "device-error" ? "unexplained-failures" : "lost-sessions",
        );
      } catch (error) {
        throw failureKindOf(error) === "stale-handle" ? error : token.explain(error, general);
      }
    });
  }
}

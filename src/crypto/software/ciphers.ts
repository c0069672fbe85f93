import {
  type Cipher,
  type CipherGCM,
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  type Decipher,
} from "node:crypto";
import { type CipherSpecification, CryptoError, type Encrypted } from "../port.js";
import { cipherName } from "./cipher-table.js";
import { type SoftwareKey, secretOf, unsupported } from "./key.js";

/** What a key wrap begins with where nothing else is agreed (RFC 3394 §2.2.3, RFC 5649 §3). */
const wrapVectors: Readonly<Record<"aes-kw" | "aes-kwp", string>> = {
  "aes-kw": "a6a6a6a6a6a6a6a6",
  "aes-kwp": "a65959a6",
};

/** Ciphers with a tag. */
export type Authenticated = Extract<CipherSpecification, { tagLength: number }>;

/** Whether a cipher has a tag. */
export function isAuthenticated(specification: CipherSpecification): specification is Authenticated {
  return "tagLength" in specification;
}

function nameOf(key: SoftwareKey, specification: CipherSpecification): { name: string; value: Buffer } {
  const value = secretOf(key);
  const algorithm = key.kind === "secret" ? key.algorithm : undefined;
  const name = algorithm === undefined ? undefined : cipherName(specification, algorithm, value.length);
  if (name === undefined) throw unsupported();
  return { name, value };
}

function vectorOf(specification: CipherSpecification): Buffer | null {
  if ("iv" in specification) return specification.iv;
  if (specification.name === "aes-kw" || specification.name === "aes-kwp") {
    return Buffer.from(wrapVectors[specification.name], "hex");
  }
  return null;
}

const counterBlock = 16;

/** node:crypto counts in all 128 bits: where fewer count, the data must end before the counter runs over. */
function checkCounter(specification: CipherSpecification, length: number): void {
  if (specification.name !== "ctr" || specification.counterBits >= counterBlock * 8) return;
  const room = 1n << BigInt(specification.counterBits);
  const counter = BigInt(`0x${specification.iv.toString("hex")}`) % room;
  if (counter + BigInt(Math.ceil(length / counterBlock)) > room) {
    throw new CryptoError("invalid-data", "the counter is too short for the data");
  }
}

function padsOf(specification: CipherSpecification): boolean {
  return "padding" in specification && specification.padding;
}

/**
 * A cipher of node:crypto to encrypt with. `length` is that of all data in bytes, or the most there may be; CCM must know
 * it exactly.
 * Throws CryptoError `unsupported` and `invalid-data`.
 */
export function encryptor(key: SoftwareKey, specification: CipherSpecification, length: number): Cipher {
  const { name, value } = nameOf(key, specification);
  checkCounter(specification, length);
  return refusing("invalid-data", () => {
    if (!isAuthenticated(specification)) {
      return createCipheriv(name, value, vectorOf(specification)).setAutoPadding(padsOf(specification));
    }
    const { tagLength, iv, additionalData } = specification;
    const cipher = createCipheriv(name as CipherGCMTypes, value, iv, { authTagLength: tagLength });
    return cipher.setAAD(additionalData, { plaintextLength: length });
  });
}

/**
 * A cipher of node:crypto to decrypt with; the tag is set where there is one. `length` as with `encryptor`.
 * Throws CryptoError `unsupported` and `decryption-failed`.
 */
export function decryptor(
  key: SoftwareKey,
  specification: CipherSpecification,
  input: { readonly length: number; readonly tag: Buffer | null },
): Decipher {
  const { name, value } = nameOf(key, specification);
  const { tag, length } = input;
  checkCounter(specification, length);
  return refusing("decryption-failed", () => {
    if (!isAuthenticated(specification)) {
      return createDecipheriv(name, value, vectorOf(specification)).setAutoPadding(padsOf(specification));
    }
    const { tagLength, iv, additionalData } = specification;
    if (tag?.length !== tagLength) throw failed();
    const cipher = createDecipheriv(name as CipherGCMTypes, value, iv, { authTagLength: tagLength });
    return cipher.setAuthTag(tag).setAAD(additionalData, { plaintextLength: length });
  });
}

/** The tag of a cipher that has encrypted everything; null for ciphers without one. */
export function tagOf(cipher: Cipher): Buffer | null {
  return "getAuthTag" in cipher ? (cipher as CipherGCM).getAuthTag() : null;
}

function failed(): CryptoError {
  return new CryptoError("decryption-failed", "the data do not decrypt");
}

/** Runs; what node:crypto refuses becomes one error. */
export function refusing<Result>(code: "invalid-data" | "decryption-failed", run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof CryptoError) throw cause;
    throw new CryptoError(code, "node:crypto refused the data", { cause });
  }
}

/** No bytes at an address: with CCM, OpenSSL takes those of an empty buffer, which may have none, for something else. */
const noBytes = Buffer.alloc(1).subarray(0, 0);

function addressed(data: Buffer): Buffer {
  return data.length === 0 ? noBytes : data;
}

/** Encrypts in the process. Throws CryptoError. */
export function encryptInSoftware(key: SoftwareKey, specification: CipherSpecification, data: Buffer): Encrypted {
  const cipher = encryptor(key, specification, data.length);
  return refusing("invalid-data", () => {
    const output = Buffer.concat([cipher.update(addressed(data)), cipher.final()]);
    return { data: output, tag: isAuthenticated(specification) ? tagOf(cipher) : null };
  });
}

/** Decrypts in the process. Throws CryptoError `decryption-failed` whatever is wrong with the data. */
export function decryptInSoftware(
  key: SoftwareKey,
  specification: CipherSpecification,
  input: { readonly data: Buffer; readonly tag: Buffer | null },
): Buffer {
  const { data, tag } = input;
  const cipher = decryptor(key, specification, { length: data.length, tag });
  return refusing("decryption-failed", () => {
    const first = cipher.update(addressed(data));
    try {
      return Buffer.concat([first, cipher.final()]);
    } finally {
      first.fill(0);
    }
  });
}

import { createHash } from "node:crypto";
import { fromUnsigned } from "../formats/der.js";
import { readSubjectPublicKeyInfo } from "../formats/envelopes.js";
import { readRsaPublicKey } from "../formats/rsa.js";
import { digestLength } from "../mechanisms/hashes.js";
import type { CipherSpecification, Encrypted, KeyReference, Partition } from "../port.js";
import { CryptoError } from "../port.js";
import { decodeOaep, encodeOaep, longestMessage, type Oaep } from "./oaep.js";
import { encodePss, fits, type Pss, verifyPss } from "./pss.js";

/**
 * RSA with paddings that a token lacks. Many tokens do OAEP and PSS only where all hash functions are the same, or only
 * with SHA-1; then the padding is made here and the token does the bare exponentiation: the key stays where it is.
 */

/** The key of a call, with the bits of its modulus. */
export interface RsaKey {
  readonly reference: KeyReference;
  readonly modulusBits: number;
}

const bare: CipherSpecification = { name: "rsa-raw" };

function tooLong(): CryptoError {
  return new CryptoError("invalid-data", "the data do not fit the modulus");
}

/** OAEP encryption with a public key. Rejects with CryptoError. */
export async function encryptOaep(partition: Partition, key: RsaKey, oaep: Oaep, data: Buffer): Promise<Encrypted> {
  const modulusLength = Math.ceil(key.modulusBits / 8);
  if (data.length > longestMessage(oaep, modulusLength)) throw tooLong();
  const seed = await partition.random(digestLength[oaep.hash]);
  return partition.encrypt(key.reference, bare, encodeOaep(oaep, data, seed, modulusLength));
}

/** OAEP decryption with a private key. Rejects with CryptoError, `decryption-failed` whatever is wrong with the data. */
export async function decryptOaep(partition: Partition, key: RsaKey, oaep: Oaep, data: Buffer): Promise<Buffer> {
  if (data.length !== Math.ceil(key.modulusBits / 8)) throw failed();
  const message = decodeOaep(oaep, await partition.decrypt(key.reference, bare, data, null));
  if (message === null) throw failed();
  return message;
}

function failed(): CryptoError {
  return new CryptoError("decryption-failed", "the data do not decrypt");
}

async function digestOf(partition: Partition, pss: Pss, data: Buffer): Promise<Buffer> {
  if (pss.prehashed) return data;
  try {
    return await partition.digest(pss.hash, data);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return createHash(pss.hash).update(data).digest();
  }
}

/** A PSS signature with a private key. Rejects with CryptoError. */
export async function signPss(partition: Partition, key: RsaKey, pss: Pss, data: Buffer): Promise<Buffer> {
  const digest = await digestOf(partition, pss, data);
  if (digest.length !== digestLength[pss.hash] || !fits(pss, digest, key.modulusBits)) throw tooLong();
  const salt = pss.saltLength === 0 ? Buffer.alloc(0) : await partition.random(pss.saltLength);
  const encoded = encodePss(pss, digest, salt, key.modulusBits);
  const padded = Buffer.alloc(Math.ceil(key.modulusBits / 8));
  encoded.copy(padded, padded.length - encoded.length);
  return partition.decrypt(key.reference, bare, padded, null);
}

/** Whether a PSS signature is a public key's. Rejects with CryptoError for faults, never for a wrong signature. */
export async function verifyPssSignature(
  partition: Partition,
  key: RsaKey,
  pss: Pss,
  signed: { readonly data: Buffer; readonly signature: Buffer },
): Promise<boolean> {
  const { data, signature } = signed;
  const modulusLength = Math.ceil(key.modulusBits / 8);
  const digest = await digestOf(partition, pss, data);
  if (signature.length !== modulusLength || digest.length !== digestLength[pss.hash]) return false;
  if (!isBelowModulus(signature, key)) return false;
  const opened = (await partition.encrypt(key.reference, bare, signature)).data;
  const encodedLength = Math.ceil((key.modulusBits - 1) / 8);
  if (opened.subarray(0, opened.length - encodedLength).some((byte) => byte !== 0)) return false;
  return verifyPss(pss, digest, opened.subarray(opened.length - encodedLength), key.modulusBits);
}

/** Tokens fail in their own ways on a number that is not below the modulus (RFC 8017 §5.2.2). */
function isBelowModulus(signature: Buffer, { reference }: RsaKey): boolean {
  return fromUnsigned(signature) < readRsaPublicKey(readSubjectPublicKeyInfo(reference.material).key).modulus;
}

/** Whether an error says that the token does not do what was specified. */
export function isUnsupported(error: unknown): boolean {
  return error instanceof CryptoError && error.code === "unsupported";
}

import { createHash, createHmac, diffieHellman, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { privateKeyFromDer, publicKeyFromDer } from "#certs/key-reading.js";
import { dhWithoutOrder } from "../formats/dh.js";
import { digestLength } from "../mechanisms/hashes.js";
import type { HashName } from "../port.js";

/** Derivations of secrets that are in memory. What they give is for the caller to zero. */

const passwordBased = promisify(pbkdf2);

/** PBKDF2 with HMAC (RFC 8018 §5.2). */
export function derivePasswordBased(
  password: Buffer,
  rounds: { readonly hash: HashName; readonly salt: Buffer; readonly iterations: number; readonly length: number },
): Promise<Buffer> {
  return passwordBased(password, rounds.salt, rounds.iterations, rounds.length, rounds.hash);
}

/** The digest of a secret. */
export function digestSecret(hash: HashName, secret: Buffer): Buffer {
  return createHash(hash).update(secret).digest();
}

function hmac(hash: HashName, key: Buffer, ...data: readonly Buffer[]): Buffer {
  return data.reduce((mac, part) => mac.update(part), createHmac(hash, key)).digest();
}

/** The most blocks that HKDF expands to. */
const mostBlocks = 255;

/** The most bytes that HKDF gives (RFC 5869 §2.3). */
export function longestExpansion(hash: HashName): number {
  return mostBlocks * digestLength[hash];
}

/** HKDF, extract and expand (RFC 5869): at most `longestExpansion` bytes. */
export function extractAndExpand(
  inputKeyMaterial: Buffer,
  expansion: { readonly hash: HashName; readonly salt: Buffer; readonly information: Buffer; readonly length: number },
): Buffer {
  const { hash, salt, information, length } = expansion;
  const pseudorandomKey = hmac(hash, salt, inputKeyMaterial);
  const blocks: Buffer[] = [];
  let before: Buffer = Buffer.alloc(0);
  for (let made = 0; made < length; made += before.length) {
    before = hmac(hash, pseudorandomKey, before, information, Buffer.from([blocks.length + 1]));
    blocks.push(before);
  }
  const whole = Buffer.concat(blocks);
  for (const each of [pseudorandomKey, ...blocks]) each.fill(0);
  return whole.subarray(0, length);
}

/** The signing key of AWS Signature Version 4 for a secret access key, a date (YYYYMMDD), a region and a service. */
export function awsSigningKey(secretAccessKey: Buffer, date: Buffer, region: Buffer, service: Buffer): Buffer {
  const first = Buffer.concat([Buffer.from("AWS4"), secretAccessKey]);
  const last = [date, region, service, Buffer.from("aws4_request")].reduce((key, data) => {
    const next = hmac("sha256", key, data);
    key.fill(0);
    return next;
  }, first);
  return last;
}

/**
 * The shared secret of a private key (PKCS#8 DER) and a public key (SubjectPublicKeyInfo DER): the x-coordinate for EC
 * keys (SEC 1 §3.3.1), the number for DH keys, the u-coordinate for X25519 and X448. Undefined where they do not agree on
 * a group, or cannot agree at all.
 */
export function agreeOnSecret(privateKey: Buffer, publicKey: Buffer): Buffer | undefined {
  const plainPrivate = dhWithoutOrder(privateKey, "private");
  const plainPublic = dhWithoutOrder(publicKey, "public");
  try {
    return diffieHellman({
      privateKey: privateKeyFromDer(plainPrivate ?? privateKey),
      publicKey: publicKeyFromDer(plainPublic ?? publicKey),
    });
  } catch {
    return undefined;
  } finally {
    plainPrivate?.fill(0);
  }
}

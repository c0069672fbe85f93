import { createHash } from "node:crypto";
import { sameSecret } from "#src/secrecy/same-secret.js";
import type { SignatureSpecification } from "../port.js";
import { applyMask, mask } from "./mask.js";

/** PSS with its parameters. */
export type Pss = Extract<SignatureSpecification, { name: "rsa-pss" }>;

const trailer = 0xbc;

function innerHash({ hash }: Pss, digest: Buffer, salt: Buffer): Buffer {
  return createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
}

/** The bits of the first byte that are beyond the modulus. */
function unusedBits(modulusBits: number): number {
  return (8 - ((modulusBits - 1) % 8)) % 8;
}

/** Bytes of an encoded message (RFC 8017 §9.1.1). */
function encodedLength(modulusBits: number): number {
  return Math.ceil((modulusBits - 1) / 8);
}

/** Whether digest and salt fit a modulus. */
export function fits({ saltLength }: Pss, digest: Buffer, modulusBits: number): boolean {
  return encodedLength(modulusBits) >= digest.length + saltLength + 2;
}

/** EMSA-PSS encoding of a digest with a random salt (RFC 8017 §9.1.1). Digest and salt must fit. */
export function encodePss(pss: Pss, digest: Buffer, salt: Buffer, modulusBits: number): Buffer {
  const encoded = Buffer.alloc(encodedLength(modulusBits));
  const inner = innerHash(pss, digest, salt);
  const block = encoded.subarray(0, encoded.length - inner.length - 1);
  block[block.length - salt.length - 1] = 1;
  salt.copy(block, block.length - salt.length);
  applyMask(block, mask(pss.maskHash, inner, block.length));
  block[0] = (block[0] ?? 0) & (0xff >> unusedBits(modulusBits));
  inner.copy(encoded, block.length);
  encoded[encoded.length - 1] = trailer;
  return encoded;
}

/** EMSA-PSS verification of a digest (RFC 8017 §9.1.2). Nothing here is secret. */
export function verifyPss(pss: Pss, digest: Buffer, encoded: Buffer, modulusBits: number): boolean {
  if (!fits(pss, digest, modulusBits) || encoded.length !== encodedLength(modulusBits)) return false;
  if (encoded.at(-1) !== trailer) return false;
  const block = Buffer.from(encoded.subarray(0, encoded.length - digest.length - 1));
  const inner = encoded.subarray(block.length, -1);
  const beyond = unusedBits(modulusBits);
  if ((block[0] ?? 0) >> (8 - beyond) !== 0 && beyond > 0) return false;
  applyMask(block, mask(pss.maskHash, inner, block.length));
  block[0] = (block[0] ?? 0) & (0xff >> beyond);
  const start = block.length - pss.saltLength;
  if (block[start - 1] !== 1 || block.subarray(0, start - 1).some((byte) => byte !== 0)) return false;
  return sameSecret(inner, innerHash(pss, digest, block.subarray(start)));
}

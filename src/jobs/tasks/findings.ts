import { CryptoError, type CryptoErrorCode } from "#src/crypto/port.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** What is wrong with one object alone, in words for an operator; null for what says nothing of the object itself. */
export function damageOf(error: unknown): string | null {
  if (error instanceof KmipError) return error.message;
  if (!(error instanceof CryptoError)) return null;
  if (refused.has(error.code)) return `the token does not take its key: ${error.message}`;
  return damage[error.code] ?? null;
}

/** Answers of a token that are the same however often it is asked. */
const refused: ReadonlySet<CryptoErrorCode> = new Set([
  "invalid-data",
  "unsupported",
  "not-extractable",
  "decryption-failed",
]);

const damage: Partial<Readonly<Record<CryptoErrorCode, string>>> = {
  damaged: "its key does not open: the blob was altered, or is of another key or partition",
  "key-missing": "its key, or the key-encryption key above it, is not in the token",
};

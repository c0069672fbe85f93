import { CryptoError, type CryptoErrorCode } from "#src/crypto/port.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** What is wrong with one object alone, in words for an operator; null for what says nothing of the object itself. */
export function damageOf(error: unknown): string | null {
  if (error instanceof KmipError) return error.message;
  if (!(error instanceof CryptoError)) return null;
  return damage[error.code] ?? null;
}

const damage: Partial<Readonly<Record<CryptoErrorCode, string>>> = {
  damaged: "its key does not open: the blob was altered, or is of another key or partition",
  "key-missing": "its key, or the key-encryption key above it, is not in the token",
};

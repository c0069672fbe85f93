import type { KeyObject } from "node:crypto";
import { privateKeyFromDer, publicKeyFromDer } from "#certs/key-reading.js";
import { CryptoError } from "../port.js";

/** A key in the memory of the process, for one call or one stream. */
export type SoftwareKey =
  | {
      readonly kind: "secret";
      /** Cryptographic Algorithm. */
      readonly algorithm: number | undefined;
      /** The raw key; zeroed by whoever loaded it. */
      readonly value: Buffer;
    }
  | { readonly kind: "asymmetric"; readonly object: KeyObject };

/** A private key from PKCS#8 DER. Throws CryptoError `unsupported` where node:crypto does not know such keys. */
export function privateKeyObject(pkcs8: Buffer): KeyObject {
  return understood(() => privateKeyFromDer(pkcs8));
}

/** A public key from SubjectPublicKeyInfo DER. Throws CryptoError `unsupported`. */
export function publicKeyObject(subjectPublicKeyInfo: Buffer): KeyObject {
  return understood(() => publicKeyFromDer(subjectPublicKeyInfo));
}

function understood(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw new CryptoError("unsupported", "the software does not understand this key", { cause });
  }
}

/** The raw value of a symmetric key. Throws CryptoError `unsupported` for a key of a pair. */
export function secretOf(key: SoftwareKey): Buffer {
  if (key.kind === "secret") return key.value;
  throw unsupported();
}

/** The key object of a key of a pair. Throws CryptoError `unsupported` for a symmetric key. */
export function objectOf(key: SoftwareKey): KeyObject {
  if (key.kind === "asymmetric") return key.object;
  throw unsupported();
}

/** The error for what the software does not do with a key. */
export function unsupported(): CryptoError {
  return new CryptoError("unsupported", "the software does not do this with such a key");
}

import type { CipherSpecification, Encrypted, Partition, SignatureSpecification } from "../port.js";
import {
  decryptOaep,
  encryptOaep,
  isUnsupported,
  type RsaKey,
  signPss,
  verifyPssSignature,
} from "./padding-beside-token.js";

/** A key of any type to be used; the bits of the modulus matter for RSA only. */
export type UsableKey = RsaKey;

async function otherwise<Result>(inToken: Promise<Result>, beside: (() => Promise<Result>) | null): Promise<Result> {
  try {
    return await inToken;
  } catch (error) {
    if (beside === null || !isUnsupported(error)) throw error;
    return beside();
  }
}

/** Encrypts in the token; an RSA padding it lacks is made beside it. Rejects with CryptoError. */
export function encryptWith(
  partition: Partition,
  key: UsableKey,
  specification: CipherSpecification,
  data: Buffer,
): Promise<Encrypted> {
  return otherwise(
    partition.encrypt(key.reference, specification, data),
    specification.name === "rsa-oaep" ? () => encryptOaep(partition, key, specification, data) : null,
  );
}

/** Decrypts in the token; an RSA padding it lacks is taken off beside it. Rejects with CryptoError. */
export function decryptWith(
  partition: Partition,
  key: UsableKey,
  specification: CipherSpecification,
  input: { readonly data: Buffer; readonly tag: Buffer | null },
): Promise<Buffer> {
  return otherwise(
    partition.decrypt(key.reference, specification, input.data, input.tag),
    specification.name === "rsa-oaep" ? () => decryptOaep(partition, key, specification, input.data) : null,
  );
}

/** Signs in the token; an RSA padding it lacks is made beside it. Rejects with CryptoError. */
export function signWith(
  partition: Partition,
  key: UsableKey,
  specification: SignatureSpecification,
  data: Buffer,
): Promise<Buffer> {
  return otherwise(
    partition.sign(key.reference, specification, data),
    specification.name === "rsa-pss" ? () => signPss(partition, key, specification, data) : null,
  );
}

/** Verifies in the token; an RSA padding it lacks is checked beside it. Rejects with CryptoError. */
export function verifyWith(
  partition: Partition,
  key: UsableKey,
  specification: SignatureSpecification,
  signed: { readonly data: Buffer; readonly signature: Buffer },
): Promise<boolean> {
  return otherwise(
    partition.verify(key.reference, specification, signed.data, signed.signature),
    specification.name === "rsa-pss" ? () => verifyPssSignature(partition, key, specification, signed) : null,
  );
}

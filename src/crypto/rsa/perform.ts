import { createHash } from "node:crypto";
import type { CipherSpecification, Encrypted, HashName, Partition, SignatureSpecification } from "../port.js";
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

/** The signature of a digest that was made beside the token; null where the scheme has no such form. */
function overDigest(specification: SignatureSpecification): SignatureSpecification | null {
  switch (specification.name) {
    case "rsa-pkcs1":
      return specification.hash === null ? null : { name: "rsa-pkcs1", hash: null, digestInfo: specification.hash };
    case "ecdsa":
      return specification.hash === null ? null : { name: "ecdsa", hash: null };
    default:
      return null;
  }
}

function hashOf(specification: SignatureSpecification): HashName | null {
  return "hash" in specification ? specification.hash : null;
}

/** What to do beside the token for a signature it does not do whole: the padding of PSS, or the hash function. */
function besideToken<Result>(
  specification: SignatureSpecification,
  data: Buffer,
  steps: {
    readonly pss: (pss: Extract<SignatureSpecification, { name: "rsa-pss" }>) => Promise<Result>;
    readonly digested: (specification: SignatureSpecification, digest: Buffer) => Promise<Result>;
  },
): (() => Promise<Result>) | null {
  if (specification.name === "rsa-pss") return () => steps.pss(specification);
  const prehashed = overDigest(specification);
  const hash = hashOf(specification);
  if (prehashed === null || hash === null) return null;
  return () => steps.digested(prehashed, createHash(hash).update(data).digest());
}

/** Signs in the token; a padding or a hash function it lacks is done beside it. Rejects with CryptoError. */
export function signWith(
  partition: Partition,
  key: UsableKey,
  specification: SignatureSpecification,
  data: Buffer,
): Promise<Buffer> {
  return otherwise(
    partition.sign(key.reference, specification, data),
    besideToken(specification, data, {
      pss: (pss) => signPss(partition, key, pss, data),
      digested: (prehashed, digest) => partition.sign(key.reference, prehashed, digest),
    }),
  );
}

/** Verifies in the token; a padding or a hash function it lacks is done beside it. Rejects with CryptoError. */
export function verifyWith(
  partition: Partition,
  key: UsableKey,
  specification: SignatureSpecification,
  signed: { readonly data: Buffer; readonly signature: Buffer },
): Promise<boolean> {
  const { data, signature } = signed;
  return otherwise(
    partition.verify(key.reference, specification, data, signature),
    besideToken(specification, data, {
      pss: (pss) => verifyPssSignature(partition, key, pss, signed),
      digested: (prehashed, digest) => partition.verify(key.reference, prehashed, digest, signature),
    }),
  );
}

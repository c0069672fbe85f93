import { constants, createHash, createHmac, type KeyObject, type SignKeyObjectInput, sign, verify } from "node:crypto";
import { CryptoError, type HashName, type SignatureSpecification } from "../port.js";
import { objectOf, type SoftwareKey, unsupported } from "./key.js";

/** What node:crypto is told of a signature. */
export interface Scheme {
  /** Null where the scheme hashes by itself. */
  readonly hash: HashName | null;
  readonly options: Omit<SignKeyObjectInput, "key">;
}

/** The types of key, in the words of node:crypto, that each scheme is done with. */
const keyTypes: Readonly<Record<SignatureSpecification["name"], readonly string[]>> = {
  "rsa-pkcs1": ["rsa"],
  "rsa-pss": ["rsa", "rsa-pss"],
  ecdsa: ["ec"],
  dsa: ["dsa"],
  eddsa: ["ed25519", "ed448"],
};

/**
 * How node:crypto does a signature; undefined where it cannot: it signs no digests made elsewhere, and knows PSS only
 * with one hash function.
 */
export function schemeOf(specification: SignatureSpecification): Scheme | undefined {
  switch (specification.name) {
    case "eddsa":
      return { hash: null, options: {} };
    case "rsa-pss": {
      const { hash, maskHash, saltLength, prehashed } = specification;
      if (prehashed || hash !== maskHash) return undefined;
      return { hash, options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } };
    }
    case "rsa-pkcs1":
      return specification.hash === null
        ? undefined
        : { hash: specification.hash, options: { padding: constants.RSA_PKCS1_PADDING } };
    case "ecdsa":
    case "dsa":
      return specification.hash === null ? undefined : { hash: specification.hash, options: { dsaEncoding: "der" } };
  }
}

/** A key with the scheme it is used in. Throws CryptoError `unsupported`. */
export function schemeFor(
  key: SoftwareKey,
  specification: SignatureSpecification,
): { readonly object: KeyObject; readonly scheme: Scheme } {
  const object = objectOf(key);
  const scheme = schemeOf(specification);
  if (scheme === undefined || !keyTypes[specification.name].includes(object.asymmetricKeyType ?? "")) {
    throw unsupported();
  }
  return { object, scheme };
}

/** Signs in the process. ECDSA and DSA give DER. Throws CryptoError. */
export function signInSoftware(key: SoftwareKey, specification: SignatureSpecification, data: Buffer): Buffer {
  const { object, scheme } = schemeFor(key, specification);
  try {
    return sign(scheme.hash, data, { key: object, ...scheme.options });
  } catch (cause) {
    throw new CryptoError("invalid-data", "node:crypto did not sign", { cause });
  }
}

/** Whether a signature is that of the data. Throws CryptoError `unsupported`. */
export function verifyInSoftware(
  key: SoftwareKey,
  specification: SignatureSpecification,
  signed: { readonly data: Buffer; readonly signature: Buffer },
): boolean {
  const { object, scheme } = schemeFor(key, specification);
  try {
    return verify(scheme.hash, signed.data, { key: object, ...scheme.options }, signed.signature);
  } catch (cause) {
    throw new CryptoError("invalid-data", "node:crypto did not verify", { cause });
  }
}

/** A digest computed in the process. */
export function digestInSoftware(hash: HashName, data: Buffer): Buffer {
  return createHash(hash).update(data).digest();
}

/** An HMAC computed in the process. */
export function hmacInSoftware(value: Buffer, hash: HashName, data: Buffer): Buffer {
  return createHmac(hash, value).update(data).digest();
}

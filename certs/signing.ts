import { type KeyObject, sign } from "node:crypto";
import { bitString, type DerNode, derNull, encodeDer, objectIdentifier, sequence } from "./der.js";
import { CertificateError } from "./errors.js";

/** The hash functions that authorities sign with. */
export type SignatureHash = "sha256" | "sha384" | "sha512";

/** A key that signs elsewhere, such as in a token: its public half, and how it is asked to sign. */
export interface RemoteKey {
  readonly publicKey: KeyObject;
  /** Signs data of any length: RSA with PKCS #1 v1.5 padding, or ECDSA, whose signature is DER (r, s). */
  sign(hash: SignatureHash, data: Buffer): Promise<Buffer>;
}

interface SignatureAlgorithm {
  readonly keyType: string;
  /** Only keys on this curve; absent where the key type has no curve. */
  readonly curve?: string;
  readonly hash: SignatureHash;
  readonly identifier: () => DerNode;
}

const hashesOfCurves: Readonly<Record<string, SignatureHash>> = {
  secp224r1: "sha256",
  prime256v1: "sha256",
  secp256k1: "sha256",
  brainpoolP256r1: "sha256",
  secp384r1: "sha384",
  brainpoolP384r1: "sha384",
  secp521r1: "sha512",
  brainpoolP512r1: "sha512",
};

const ecdsaIdentifiers = {
  sha256: "ecdsaWithSHA256",
  sha384: "ecdsaWithSHA384",
  sha512: "ecdsaWithSHA512",
} as const;

const signatureAlgorithms: readonly SignatureAlgorithm[] = [
  ...Object.entries(hashesOfCurves).map(([curve, hash]) => ({
    keyType: "ec",
    curve,
    hash,
    identifier: () => sequence(objectIdentifier(ecdsaIdentifiers[hash])),
  })),
  // The parameters are NULL, not absent (RFC 4055 §5).
  {
    keyType: "rsa",
    hash: "sha256",
    identifier: () => sequence(objectIdentifier("sha256WithRSAEncryption"), derNull()),
  },
];

function algorithmFor(key: KeyObject): SignatureAlgorithm {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const found = signatureAlgorithms.find((row) => row.keyType === key.asymmetricKeyType && row.curve === curve);
  if (found === undefined)
    throw new CertificateError("An authority signs with RSA keys, or EC keys on curves of 224 to 521 bits");
  return found;
}

/**
 * Signs what `build` makes of the algorithm identifier, and gives the DER of the three-part SEQUENCE that X.509
 * certificates and revocation lists share (RFC 5280 §4.1 and §5.1).
 *
 * @throws CertificateError when the key is of a kind that authorities do not sign with.
 */
export function signedDer(privateKey: KeyObject, build: (algorithm: DerNode) => DerNode): Buffer {
  const algorithm = algorithmFor(privateKey);
  const toBeSigned = build(algorithm.identifier());
  const signature = sign(algorithm.hash, encodeDer(toBeSigned), privateKey);
  return encodeDer(sequence(toBeSigned, algorithm.identifier(), bitString(signature)));
}

/**
 * As `signedDer`, with a key that signs elsewhere.
 *
 * @throws CertificateError when the key is of a kind that authorities do not sign with; whatever the key's `sign` throws.
 */
export async function remotelySignedDer(key: RemoteKey, build: (algorithm: DerNode) => DerNode): Promise<Buffer> {
  const algorithm = algorithmFor(key.publicKey);
  const toBeSigned = build(algorithm.identifier());
  const signature = await key.sign(algorithm.hash, encodeDer(toBeSigned));
  return encodeDer(sequence(toBeSigned, algorithm.identifier(), bitString(signature)));
}

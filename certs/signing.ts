import { type KeyObject, sign } from "node:crypto";
import { bitString, type DerNode, derNull, encodeDer, objectIdentifier, sequence } from "./der.js";
import { CertificateError } from "./errors.js";

interface SignatureAlgorithm {
  readonly keyType: string;
  /** Only keys on this curve; absent where the key type has no curve. */
  readonly curve?: string;
  readonly hash: string;
  readonly identifier: () => DerNode;
}

const signatureAlgorithms: readonly SignatureAlgorithm[] = [
  {
    keyType: "ec",
    curve: "prime256v1",
    hash: "sha256",
    identifier: () => sequence(objectIdentifier("ecdsaWithSHA256")),
  },
  {
    keyType: "ec",
    curve: "secp384r1",
    hash: "sha384",
    identifier: () => sequence(objectIdentifier("ecdsaWithSHA384")),
  },
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
  if (found === undefined) throw new CertificateError("An authority signs with EC P-256, EC P-384 or RSA keys");
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

import { DigitalSignatureAlgorithm, PaddingMethod } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { HashName, SignatureSpecification } from "../port.js";
import { digestLength, hashNamed, maskHashOf } from "./hashes.js";
import { badParameters, checkAlgorithm, type MechanismKey, unsupportedParameters } from "./key.js";

type Scheme = SignatureSpecification["name"];

/** What a Digital Signature Algorithm stands for; the hash of RSASSA-PSS is named beside it. */
interface Named {
  readonly scheme: Scheme;
  readonly hash: HashName | undefined;
}

const namedAlgorithms: ReadonlyMap<number, Named> = new Map<number, Named>([
  [DigitalSignatureAlgorithm.SHA_1WithRSAEncryption, { scheme: "rsa-pkcs1", hash: "sha1" }],
  [DigitalSignatureAlgorithm.SHA_224WithRSAEncryption, { scheme: "rsa-pkcs1", hash: "sha224" }],
  [DigitalSignatureAlgorithm.SHA_256WithRSAEncryption, { scheme: "rsa-pkcs1", hash: "sha256" }],
  [DigitalSignatureAlgorithm.SHA_384WithRSAEncryption, { scheme: "rsa-pkcs1", hash: "sha384" }],
  [DigitalSignatureAlgorithm.SHA_512WithRSAEncryption, { scheme: "rsa-pkcs1", hash: "sha512" }],
  [DigitalSignatureAlgorithm.RSASSA_PSS, { scheme: "rsa-pss", hash: undefined }],
  [DigitalSignatureAlgorithm.ECDSAWithSHA_1, { scheme: "ecdsa", hash: "sha1" }],
  [DigitalSignatureAlgorithm.ECDSAWithSHA224, { scheme: "ecdsa", hash: "sha224" }],
  [DigitalSignatureAlgorithm.ECDSAWithSHA256, { scheme: "ecdsa", hash: "sha256" }],
  [DigitalSignatureAlgorithm.ECDSAWithSHA384, { scheme: "ecdsa", hash: "sha384" }],
  [DigitalSignatureAlgorithm.ECDSAWithSHA512, { scheme: "ecdsa", hash: "sha512" }],
]);

/** Signing with RSA, by Padding Method. */
const rsaSchemes: ReadonlyMap<number, Scheme> = new Map<number, Scheme>([
  [PaddingMethod.PKCS1V1_5, "rsa-pkcs1"],
  [PaddingMethod.PSS, "rsa-pss"],
]);

/** The one trailer there is (RFC 8017 appendix A.2.3). */
const standardTrailer = 1;

/** Whether the request carries the data themselves or their digest, with the digest's length in bytes. */
export type SignatureInput = { readonly kind: "data" } | { readonly kind: "digest"; readonly length: number };

/** How each scheme is specified, from the hash (undefined where none is named) and the parameters. */
const specify: Readonly<
  Record<
    Scheme,
    (hash: HashName | undefined, input: SignatureInput, parameters: CryptographicParameters) => SignatureSpecification
  >
> = {
  "rsa-pkcs1": (hash, input) =>
    input.kind === "data"
      ? { name: "rsa-pkcs1", hash: demanded(hash), digestInfo: null }
      : { name: "rsa-pkcs1", hash: null, digestInfo: demanded(hash) },
  "rsa-pss": (hash, input, parameters) => {
    const { saltLength, trailerField = standardTrailer } = parameters;
    const maskHash = maskHashOf(parameters);
    if (trailerField !== standardTrailer) throw unsupportedParameters("this Trailer Field is not supported");
    if (saltLength !== undefined && saltLength < 0) throw badParameters("the Salt Length is below zero");
    return {
      name: "rsa-pss",
      hash: demanded(hash),
      maskHash,
      saltLength: saltLength ?? digestLength[maskHash],
      prehashed: input.kind === "digest",
    };
  },
  ecdsa: (hash, input) => ({ name: "ecdsa", hash: input.kind === "data" ? demanded(hash) : null }),
};

/** The signature scheme for a key and Cryptographic Parameters (KMIP 2.1 §4.16, §6.1.55). Throws KmipError. */
export function chooseSignature(
  key: MechanismKey,
  parameters: CryptographicParameters,
  input: SignatureInput,
): SignatureSpecification {
  checkAlgorithm(key, parameters);
  if (key.keyType !== "rsa" && key.keyType !== "ec") {
    throw unsupportedParameters("keys of this Cryptographic Algorithm do not sign here");
  }
  const named = namedOf(parameters);
  const scheme = schemeOf(key.keyType, named, parameters);
  const hash = agreedHash(named, parameters);
  if (input.kind === "digest" && hash !== undefined && input.length !== digestLength[hash]) {
    throw badParameters("the Digested Data have another length than digests of the hash function");
  }
  return specify[scheme](hash, input, parameters);
}

function namedOf({ digitalSignatureAlgorithm }: CryptographicParameters): Named | undefined {
  if (digitalSignatureAlgorithm === undefined) return undefined;
  const named = namedAlgorithms.get(digitalSignatureAlgorithm);
  if (named === undefined) throw unsupportedParameters("this Digital Signature Algorithm is not supported");
  return named;
}

function schemeOf(keyType: "rsa" | "ec", named: Named | undefined, { paddingMethod }: CryptographicParameters): Scheme {
  const padded = paddingMethod === undefined ? undefined : rsaSchemes.get(paddingMethod);
  if (keyType === "ec") {
    const none = paddingMethod === undefined || paddingMethod === PaddingMethod.None;
    if (!none) throw badParameters("EC signatures have no padding");
    if (named !== undefined && named.scheme !== "ecdsa") throw notOfKey();
    return "ecdsa";
  }
  if (paddingMethod !== undefined && padded === undefined) {
    throw unsupportedParameters("RSA signatures are done with PKCS#1 v1.5 and PSS padding");
  }
  if (named?.scheme === "ecdsa") throw notOfKey();
  if (named !== undefined && padded !== undefined && named.scheme !== padded) {
    throw badParameters("the Padding Method is not that of the Digital Signature Algorithm");
  }
  return named?.scheme ?? padded ?? "rsa-pkcs1";
}

function notOfKey(): Error {
  return badParameters("the Digital Signature Algorithm is not one for this key");
}

function agreedHash(named: Named | undefined, { hashingAlgorithm }: CryptographicParameters): HashName | undefined {
  const hash = hashingAlgorithm === undefined ? undefined : hashNamed(hashingAlgorithm);
  if (named?.hash !== undefined && hash !== undefined && named.hash !== hash) {
    throw badParameters("the Hashing Algorithm is not that of the Digital Signature Algorithm");
  }
  return named?.hash ?? hash;
}

function demanded(hash: HashName | undefined): HashName {
  if (hash === undefined) throw badParameters("the Cryptographic Parameters name no Hashing Algorithm");
  return hash;
}

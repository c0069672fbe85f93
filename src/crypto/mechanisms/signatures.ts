import { CryptographicAlgorithm, DigitalSignatureAlgorithm, PaddingMethod } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { MaterialKeyType } from "#src/objects/custody.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { HashName, SignatureSpecification } from "../port.js";
import { digestLength, hashNamed, maskHashOf, refuseBroken } from "./hashes.js";
import { badParameters, checkAlgorithm, type MechanismKey, unsupportedParameters } from "./key.js";

type Scheme = SignatureSpecification["name"];

/** What a Digital Signature Algorithm stands for; the hash of RSASSA-PSS is named beside it. */
interface Named {
  readonly scheme: Scheme;
  readonly hash: HashName | undefined;
}

function named(scheme: Scheme, hash: HashName | undefined): Named {
  return { scheme, hash };
}

const namedAlgorithms: ReadonlyMap<number, Named> = new Map<number, Named>([
  [DigitalSignatureAlgorithm.MD5WithRSAEncryption, named("rsa-pkcs1", "md5")],
  [DigitalSignatureAlgorithm.SHA_1WithRSAEncryption, named("rsa-pkcs1", "sha1")],
  [DigitalSignatureAlgorithm.SHA_224WithRSAEncryption, named("rsa-pkcs1", "sha224")],
  [DigitalSignatureAlgorithm.SHA_256WithRSAEncryption, named("rsa-pkcs1", "sha256")],
  [DigitalSignatureAlgorithm.SHA_384WithRSAEncryption, named("rsa-pkcs1", "sha384")],
  [DigitalSignatureAlgorithm.SHA_512WithRSAEncryption, named("rsa-pkcs1", "sha512")],
  [DigitalSignatureAlgorithm.RSASSA_PSS, named("rsa-pss", undefined)],
  [DigitalSignatureAlgorithm.DSAWithSHA_1, named("dsa", "sha1")],
  [DigitalSignatureAlgorithm.DSAWithSHA224, named("dsa", "sha224")],
  [DigitalSignatureAlgorithm.DSAWithSHA256, named("dsa", "sha256")],
  [DigitalSignatureAlgorithm.ECDSAWithSHA_1, named("ecdsa", "sha1")],
  [DigitalSignatureAlgorithm.ECDSAWithSHA224, named("ecdsa", "sha224")],
  [DigitalSignatureAlgorithm.ECDSAWithSHA256, named("ecdsa", "sha256")],
  [DigitalSignatureAlgorithm.ECDSAWithSHA384, named("ecdsa", "sha384")],
  [DigitalSignatureAlgorithm.ECDSAWithSHA512, named("ecdsa", "sha512")],
  [DigitalSignatureAlgorithm.SHA3_256WithRSAEncryption, named("rsa-pkcs1", "sha3-256")],
  [DigitalSignatureAlgorithm.SHA3_384WithRSAEncryption, named("rsa-pkcs1", "sha3-384")],
  [DigitalSignatureAlgorithm.SHA3_512WithRSAEncryption, named("rsa-pkcs1", "sha3-512")],
]);

/** Signing with RSA, by Padding Method. */
const rsaPaddings: ReadonlyMap<number, Scheme> = new Map<number, Scheme>([
  [PaddingMethod.PKCS1V1_5, "rsa-pkcs1"],
  [PaddingMethod.PSS, "rsa-pss"],
]);

/** The one trailer there is (RFC 8017 appendix A.2.3). */
const standardTrailer = 1;

/** Whether the request carries the data themselves or their digest, with the digest's length in bytes. */
export type SignatureInput = { readonly kind: "data" } | { readonly kind: "digest"; readonly length: number };

/** What a signature is chosen for. */
export interface SignatureRequest {
  readonly input: SignatureInput;
  /** `make`: weak hash functions are refused. `check`: signatures that were made with them are still told apart. */
  readonly purpose: "make" | "check";
}

interface SpecifyInput {
  /** Undefined where none is named. */
  readonly hash: HashName | undefined;
  readonly input: SignatureInput;
  readonly parameters: CryptographicParameters;
  /** Bits of the key. */
  readonly bits: number;
}

/** How each scheme is specified. */
const specify: Readonly<Record<Scheme, (given: SpecifyInput) => SignatureSpecification>> = {
  "rsa-pkcs1": ({ hash, input }) =>
    input.kind === "data"
      ? { name: "rsa-pkcs1", hash: demanded(hash), digestInfo: null }
      : { name: "rsa-pkcs1", hash: null, digestInfo: demanded(hash) },
  "rsa-pss": ({ hash, input, parameters }) => {
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
  ecdsa: ({ hash, input, bits }) => ({ name: "ecdsa", hash: input.kind === "data" ? (hash ?? usualHash(bits)) : null }),
  dsa: ({ hash, input, bits }) => {
    if (input.kind === "digest") throw unsupportedParameters("DSA signs the data themselves here");
    return { name: "dsa", hash: hash ?? usualHash(bits >= 2048 ? 256 : 160) };
  },
  eddsa: ({ hash, input }) => {
    if (input.kind === "digest" || hash !== undefined) {
      throw badParameters("Edwards curve signatures are made of the data, without a hash function beside them");
    }
    return { name: "eddsa" };
  },
};

/** The hash function of ECDSA where none is named, by the bits of the curve (FIPS 186-5 §6.1.1). */
function usualHash(bits: number): HashName {
  if (bits <= 160) return "sha1";
  if (bits <= 256) return "sha256";
  return bits <= 384 ? "sha384" : "sha512";
}

/** The schemes that keys of a type sign in; the first is done where nothing says otherwise. */
const schemesOfKeys: Readonly<Partial<Record<MaterialKeyType, readonly Scheme[]>>> = {
  rsa: ["rsa-pkcs1", "rsa-pss"],
  ec: ["ecdsa"],
  dsa: ["dsa"],
  edwards: ["eddsa"],
};

/**
 * The signature scheme for a key and Cryptographic Parameters (KMIP 2.1 §4.16, §6.1.55). Fields that pertain to other
 * keys, such as a Padding Method with an EC key, say nothing when a signature is checked: the key decides.
 * Throws KmipError.
 */
export function chooseSignature(
  key: MechanismKey,
  parameters: CryptographicParameters,
  { input, purpose }: SignatureRequest,
): SignatureSpecification {
  const schemes = schemesOfKeys[key.keyType];
  if (schemes === undefined) throw unsupportedParameters("keys of this Cryptographic Algorithm do not sign here");
  const pertaining = purpose === "check" && key.keyType === "ec" ? withoutRsaFields(parameters) : parameters;
  checkAlgorithm(key, pertaining);
  const asked = namedOf(pertaining);
  const scheme = schemeOf(schemes, asked, pertaining);
  const hash = agreedHash(asked, pertaining);
  if (purpose === "make" && hash !== undefined) refuseBroken(hash);
  if (input.kind === "digest" && hash !== undefined && input.length !== digestLength[hash]) {
    throw new KmipError(
      "CryptographicFailure",
      "the Digested Data have another length than digests of the hash function",
    );
  }
  return specify[scheme]({ hash, input, parameters: pertaining, bits: key.bits ?? 0 });
}

function withoutRsaFields(parameters: CryptographicParameters): CryptographicParameters {
  const { paddingMethod: _padding, cryptographicAlgorithm, ...rest } = parameters;
  if (cryptographicAlgorithm === undefined || cryptographicAlgorithm === CryptographicAlgorithm.RSA) return rest;
  return { ...rest, cryptographicAlgorithm };
}

function namedOf({ digitalSignatureAlgorithm }: CryptographicParameters): Named | undefined {
  if (digitalSignatureAlgorithm === undefined) return undefined;
  const row = namedAlgorithms.get(digitalSignatureAlgorithm);
  if (row === undefined) throw unsupportedParameters("this Digital Signature Algorithm is not supported");
  return row;
}

function schemeOf(
  schemes: readonly Scheme[],
  asked: Named | undefined,
  { paddingMethod = PaddingMethod.None }: CryptographicParameters,
): Scheme {
  const padded = rsaPaddings.get(paddingMethod);
  if (asked !== undefined && !schemes.includes(asked.scheme)) {
    throw badParameters("the Digital Signature Algorithm is not one for this key");
  }
  if (paddingMethod !== PaddingMethod.None) {
    if (!schemes.includes("rsa-pkcs1")) throw badParameters("only RSA signatures have a padding");
    if (padded === undefined) throw unsupportedParameters("RSA signatures are done with PKCS#1 v1.5 and PSS padding");
    if (asked !== undefined && asked.scheme !== padded) {
      throw badParameters("the Padding Method is not that of the Digital Signature Algorithm");
    }
  }
  const [usual] = schemes;
  const scheme = asked?.scheme ?? padded ?? usual;
  if (scheme === undefined) throw new TypeError("a type of key has no scheme");
  return scheme;
}

function agreedHash(asked: Named | undefined, { hashingAlgorithm }: CryptographicParameters): HashName | undefined {
  const hash = hashingAlgorithm === undefined ? undefined : hashNamed(hashingAlgorithm);
  if (asked?.hash !== undefined && hash !== undefined && asked.hash !== hash) {
    throw badParameters("the Hashing Algorithm is not that of the Digital Signature Algorithm");
  }
  return asked?.hash ?? hash;
}

function demanded(hash: HashName | undefined): HashName {
  if (hash === undefined) throw badParameters("the Cryptographic Parameters name no Hashing Algorithm");
  return hash;
}

import { BlockCipherMode, CryptographicAlgorithm, DerivationMethod } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import {
  agreeOnSecret,
  awsSigningKey,
  derivePasswordBased,
  digestSecret,
  extractAndExpand,
  longestExpansion,
} from "#src/crypto/derivation/from-secrets.js";
import {
  counterLengths,
  counterMode,
  doublePipelineMode,
  feedbackMode,
  type PseudorandomInput,
} from "#src/crypto/derivation/pseudorandom-functions.js";
import { chooseCipher } from "#src/crypto/mechanisms/ciphers.js";
import { digestLength, hashNamed, hashOf } from "#src/crypto/mechanisms/hashes.js";
import { badParameters } from "#src/crypto/mechanisms/key.js";
import { chooseMac } from "#src/crypto/mechanisms/macs.js";
import type { HashName } from "#src/crypto/port.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { keyOf, parametersOf } from "../cryptography/key.js";
import { inProcess } from "../cryptography/process-memory.js";
import { agreeingKeys } from "./agreement.js";
import { badDerivation, type Derivation, keyAndData, onlyBase, refuseData, singleData } from "./derivation.js";

/** Gives as many bytes as are to be derived, or fewer where the method gives no more. Throws KmipError and CryptoError. */
export type Method = (derivation: Derivation) => Promise<Buffer>;

/** The most rounds of HMAC that one PBKDF2 takes: it must not hold a thread for ever. */
const mostRounds = 20_000_000;

function hashAsked({ parameters }: Derivation, otherwise: HashName): HashName {
  const asked = parameters.cryptographicParameters?.hashingAlgorithm;
  return asked === undefined ? otherwise : hashNamed(asked);
}

/** The key of the partition does the MAC, wherever it is kept. */
const hmac: Method = (derivation) => {
  const { key, withData } = keyAndData(derivation);
  const { cryptography } = derivation.context;
  const usable = keyOf(key);
  const specification = chooseMac(usable, hmacParameters(derivation, usable.algorithm));
  if (specification.name !== "hmac") throw badParameters("this Derivation Method is done with HMAC");
  return withData((data) => cryptography.mac(usable, specification, data));
};

/** Algorithms of keys that name the hash function themselves; the parameters are ignored then (KMIP 2.1 §7.12). */
const hmacKeys: ReadonlySet<number | undefined> = new Set([
  CryptographicAlgorithm.HMAC_SHA1,
  CryptographicAlgorithm.HMAC_SHA224,
  CryptographicAlgorithm.HMAC_SHA256,
  CryptographicAlgorithm.HMAC_SHA384,
  CryptographicAlgorithm.HMAC_SHA512,
]);

function hmacParameters({ parameters }: Derivation, algorithm: number | undefined): CryptographicParameters {
  return hmacKeys.has(algorithm) ? {} : (parameters.cryptographicParameters ?? {});
}

const hash: Method = (derivation) => {
  const base = onlyBase(derivation);
  refuseData(derivation);
  const name = hashOf(parametersOf(base, derivation.parameters.cryptographicParameters));
  return inProcess(derivation.context, base, (secret) => digestSecret(name, secret));
};

const encrypt: Method = async (derivation) => {
  const { key, withData } = keyAndData(derivation);
  const usable = keyOf(key);
  const parameters = parametersOf(key, derivation.parameters.cryptographicParameters);
  const request = {
    direction: "encrypt",
    iv: derivation.parameters.initializationVector,
    additionalData: undefined,
    givenTagLength: undefined,
  } as const;
  const cipher = await chooseCipher(usable, parameters, request, (length) => absentVector(parameters, length));
  return withData(async (data) => (await derivation.context.cryptography.encrypt(usable, cipher, data)).data);
};

/** The IV that counts as empty where none is given: zeros for CBC; other modes have none (KMIP 2.1 §7.12). */
function absentVector({ blockCipherMode }: CryptographicParameters, length: number): Promise<Buffer> {
  if (blockCipherMode !== BlockCipherMode.CBC) throw badDerivation("this Block Cipher Mode needs an IV");
  return Promise.resolve(Buffer.alloc(length));
}

const passwordBased: Method = (derivation) => {
  const { salt, iterationCount } = derivation.parameters;
  const base = onlyBase(derivation);
  refuseData(derivation);
  if (salt === undefined || iterationCount === undefined || iterationCount < 1) {
    throw badDerivation("PBKDF2 needs a Salt and an Iteration Count of 1 or more");
  }
  const name = hashAsked(derivation, "sha1");
  const blocks = Math.ceil(derivation.length / digestLength[name]);
  if (iterationCount * blocks > mostRounds) {
    throw new KmipError("CryptographicFailure", "the Iteration Count is more than this server does");
  }
  const rounds = { hash: name, salt, iterations: iterationCount, length: derivation.length };
  return inProcess(derivation.context, base, (password) => derivePasswordBased(password, rounds));
};

const expand: Method = (derivation) => {
  const base = onlyBase(derivation);
  const name = hashAsked(derivation, "sha256");
  return inProcess(derivation.context, base, (inputKeyMaterial) =>
    extractAndExpand(inputKeyMaterial, {
      hash: name,
      salt: derivation.parameters.salt ?? Buffer.alloc(0),
      information: singleData(derivation) ?? Buffer.alloc(0),
      length: Math.min(derivation.length, longestExpansion(name)),
    }),
  );
};

/** One of the functions of SP 800-108 over a MAC of the partition. [L] is behind the Derivation Data, in 32 bits. */
function pseudorandom(mode: (input: PseudorandomInput, derivation: Derivation) => Promise<Buffer>): Method {
  return (derivation) => {
    const { key, withData } = keyAndData(derivation);
    const { cryptography } = derivation.context;
    const parameters = parametersOf(key, derivation.parameters.cryptographicParameters);
    const usable = keyOf(key);
    const specification = chooseMac(usable, parameters);
    const counterBits = parameters.counterLength ?? 32;
    if (!counterLengths.includes(counterBits)) throw badParameters("the counter has 8, 16, 24 or 32 bits");
    return withData((data) => {
      const bits = Buffer.alloc(4);
      bits.writeUInt32BE(derivation.length * 8);
      const input = {
        pseudorandom: (block: Buffer) => cryptography.mac(usable, specification, block),
        fixedInput: Buffer.concat([data, bits]),
        counterBits,
        length: derivation.length,
      };
      return mode(input, derivation);
    });
  };
}

const inCounterMode = pseudorandom((input) => {
  if (input.counterBits === 0) throw badParameters("the counter mode has a counter");
  return counterMode(input);
});

const inFeedbackMode = pseudorandom((input, { parameters }) =>
  feedbackMode(input, parameters.initializationVector ?? Buffer.alloc(0)),
);

const asymmetric: Method = async (derivation) => {
  const { context } = derivation;
  const { privateKey, publicKey } = agreeingKeys(derivation);
  const peer = await context.keys.plaintext(publicKey);
  const secret = await inProcess(context, privateKey, (own) => agreeOnSecret(own, peer));
  if (secret === undefined) throw badParameters("the private and the public key do not agree");
  return secret;
};

const awsSignature: Method = (derivation) => {
  const base = onlyBase(derivation);
  const [date, region, service, ...more] = derivation.parameters.derivationData;
  if (date === undefined || region === undefined || service === undefined || more.length > 0) {
    throw badDerivation("the Derivation Data are the Date, the Region and the Service");
  }
  return inProcess(derivation.context, base, (secret) => awsSigningKey(secret, date, region, service));
};

/** The Derivation Methods (KMIP 2.1 §11.14). */
export const derivationMethods: ReadonlyMap<number, Method> = new Map<number, Method>([
  [DerivationMethod.PBKDF2, passwordBased],
  [DerivationMethod.HASH, hash],
  [DerivationMethod.HMAC, hmac],
  [DerivationMethod.ENCRYPT, encrypt],
  [DerivationMethod.NIST800_108_C, inCounterMode],
  [DerivationMethod.NIST800_108_F, inFeedbackMode],
  [DerivationMethod.NIST800_108_DPI, pseudorandom(doublePipelineMode)],
  [DerivationMethod.AsymmetricKey, asymmetric],
  [DerivationMethod.AWSSignatureVersion4, awsSignature],
  [DerivationMethod.HKDF, expand],
]);

import {
  BlockCipherMode,
  CryptographicAlgorithm,
  HashingAlgorithm,
  MaskGenerator,
  PaddingMethod,
} from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { MechanismFlag } from "./constants.js";
import { Refusal } from "./outcome.js";
import { ParameterReader } from "./parameters.js";

/** A mechanism with its parameters, in the words of KMIP. */
export interface Mechanism {
  readonly type: number;
  readonly parameters: CryptographicParameters;
  /** Ciphers: initialisation vector or counter block. */
  readonly iv?: Buffer | undefined;
  readonly additionalData?: Buffer | undefined;
  /** AEAD: length of the tag behind the ciphertext, in bytes. */
  readonly tagLength?: number | undefined;
  /** Signatures: what the client hands over; message authentication codes take data. */
  readonly input?: "data" | "digest" | "digest-info" | "mac" | undefined;
}

type Facts = Omit<Mechanism, "type">;

/** One mechanism: what it is for, and how its parameters read; null where it has none. */
interface Row {
  readonly uses: readonly MechanismFlag[];
  /** The mechanism by which a token that does not have this one does it all the same. */
  readonly otherwise?: number;
  readonly read: ((parameters: ParameterReader) => Facts) | Facts;
}

const cipher: readonly MechanismFlag[] = ["encrypt", "decrypt"];
const signing: readonly MechanismFlag[] = ["sign", "verify"];

/** Hash functions: number of the digest, its HMAC, of the mask generator with it, and KMIP's names. */
const hashes = [
  { digest: 0x220, hmac: 0x221, mask: 1, hash: HashingAlgorithm.SHA_1, mac: CryptographicAlgorithm.HMAC_SHA1 },
  { digest: 0x255, hmac: 0x256, mask: 5, hash: HashingAlgorithm.SHA_224, mac: CryptographicAlgorithm.HMAC_SHA224 },
  { digest: 0x250, hmac: 0x251, mask: 2, hash: HashingAlgorithm.SHA_256, mac: CryptographicAlgorithm.HMAC_SHA256 },
  { digest: 0x260, hmac: 0x261, mask: 3, hash: HashingAlgorithm.SHA_384, mac: CryptographicAlgorithm.HMAC_SHA384 },
  { digest: 0x270, hmac: 0x271, mask: 4, hash: HashingAlgorithm.SHA_512, mac: CryptographicAlgorithm.HMAC_SHA512 },
] as const;

/** Signatures with a hash of their own, by hash function. */
const hashedSignatures: Readonly<
  Record<number, { readonly rsa: number; readonly pss: number; readonly ecdsa: number }>
> = {
  [HashingAlgorithm.SHA_1]: { rsa: 0x06, pss: 0x0e, ecdsa: 0x1042 },
  [HashingAlgorithm.SHA_224]: { rsa: 0x46, pss: 0x47, ecdsa: 0x1043 },
  [HashingAlgorithm.SHA_256]: { rsa: 0x40, pss: 0x43, ecdsa: 0x1044 },
  [HashingAlgorithm.SHA_384]: { rsa: 0x41, pss: 0x44, ecdsa: 0x1045 },
  [HashingAlgorithm.SHA_512]: { rsa: 0x42, pss: 0x45, ecdsa: 0x1046 },
};

function hashOfMechanism(type: number): number {
  const row = hashes.find(({ digest }) => digest === type);
  if (row === undefined) throw new Refusal("MECHANISM_PARAM_INVALID");
  return row.hash;
}

function hashOfMask(mask: number): number {
  const row = hashes.find((each) => each.mask === mask);
  if (row === undefined) throw new Refusal("MECHANISM_PARAM_INVALID");
  return row.hash;
}

function block(blockCipherMode: number, paddingMethod?: number): Facts {
  return { parameters: { blockCipherMode, ...(paddingMethod === undefined ? {} : { paddingMethod }) } };
}

/** Reads a parameter that may be written as a length or as a CK_ULONG, as what is left tells. */
function bitsOrBytes(parameters: ParameterReader, after: number): number {
  return parameters.left - after === 8 ? parameters.ulong() : parameters.length();
}

function gcm(parameters: ParameterReader): Facts {
  const iv = Buffer.from(parameters.counted());
  return readGcm(parameters.take(parameters.left), iv);
}

/** CK_GCM_PARAMS behind the IV: its bits, the additional data and the bits of the tag; bits have four bytes or eight. */
function readGcm(rest: Buffer, iv: Buffer): Facts {
  for (const wide of [true, false]) {
    const size = wide ? 8 : 4;
    if (rest.length < 2 * size + 4) continue;
    const additionalLength = rest.readUInt32BE(size);
    if (rest.length !== 2 * size + 4 + additionalLength) continue;
    const reader = new ParameterReader(rest);
    const number = () => (wide ? reader.ulong() : reader.length());
    const ivBits = number();
    const additionalData = Buffer.from(reader.counted());
    const tagBits = number();
    if (ivBits !== iv.length * 8 || tagBits % 8 !== 0) break;
    const tagLength = tagBits / 8;
    return { parameters: { blockCipherMode: BlockCipherMode.GCM, tagLength }, iv, additionalData, tagLength };
  }
  throw new Refusal("MECHANISM_PARAM_INVALID");
}

/** CK_AES_CTR_PARAMS: how many bits of the block count, and the block. */
function counter(parameters: ParameterReader): Facts {
  const counterLength = bitsOrBytes(parameters, 16);
  if (counterLength < 1 || counterLength > 128) throw new Refusal("MECHANISM_PARAM_INVALID");
  return {
    parameters: { blockCipherMode: BlockCipherMode.CTR, counterLength },
    iv: Buffer.from(parameters.take(16)),
  };
}

function vector(blockCipherMode: number, paddingMethod?: number): (parameters: ParameterReader) => Facts {
  return (parameters) => ({ ...block(blockCipherMode, paddingMethod), iv: Buffer.from(parameters.counted()) });
}

/** CK_RSA_PKCS_OAEP_PARAMS: hash, mask generator, source of the label, label. */
function oaep(parameters: ParameterReader): Facts {
  const hashingAlgorithm = hashOfMechanism(parameters.ulong());
  const maskGeneratorHashingAlgorithm = hashOfMask(parameters.ulong());
  const source = parameters.ulong();
  const pSource = Buffer.from(parameters.counted());
  if (source > 1) throw new Refusal("MECHANISM_PARAM_INVALID");
  const maskGenerator = MaskGenerator.MGF1;
  const paddingMethod = PaddingMethod.OAEP;
  return {
    parameters: { paddingMethod, hashingAlgorithm, maskGenerator, maskGeneratorHashingAlgorithm, pSource },
  };
}

/** CK_RSA_PKCS_PSS_PARAMS: hash, mask generator, length of the salt in bytes. */
function pss(own: number | undefined): (parameters: ParameterReader) => Facts {
  return (parameters) => {
    const hashingAlgorithm = hashOfMechanism(parameters.ulong());
    const maskGeneratorHashingAlgorithm = hashOfMask(parameters.ulong());
    const saltLength = bitsOrBytes(parameters, 0);
    if (own !== undefined && own !== hashingAlgorithm) throw new Refusal("MECHANISM_PARAM_INVALID");
    const maskGenerator = MaskGenerator.MGF1;
    const paddingMethod = PaddingMethod.PSS;
    return {
      parameters: { paddingMethod, hashingAlgorithm, maskGenerator, maskGeneratorHashingAlgorithm, saltLength },
      input: own === undefined ? "digest" : "data",
    };
  };
}

function signatureRows(): [number, Row][] {
  return Object.entries(hashedSignatures).flatMap(([hash, { rsa, pss: withPss, ecdsa }]): [number, Row][] => {
    const hashingAlgorithm = Number(hash);
    const pkcs1 = { parameters: { paddingMethod: PaddingMethod.PKCS1V1_5, hashingAlgorithm }, input: "data" } as const;
    return [
      [rsa, { uses: signing, read: pkcs1 }],
      [withPss, { uses: signing, read: pss(hashingAlgorithm) }],
      [ecdsa, { uses: signing, read: { parameters: { hashingAlgorithm }, input: "data" } }],
    ];
  });
}

function hashRows(): [number, Row][] {
  return hashes.flatMap(({ digest, hmac, hash, mac }): [number, Row][] => [
    [digest, { uses: ["digest"], read: { parameters: { hashingAlgorithm: hash } } }],
    [hmac, { uses: signing, read: { parameters: { cryptographicAlgorithm: mac }, input: "mac" } }],
  ]);
}

const cmac: Row = { uses: signing, read: { parameters: { blockCipherMode: BlockCipherMode.CMAC }, input: "mac" } };

/** Every mechanism of this layer, by CK_MECHANISM_TYPE. What a token lacks of them is not offered. */
export const mechanismRows: ReadonlyMap<number, Row> = new Map<number, Row>([
  [0x0000, { uses: ["generate-pair"], read: { parameters: {} } }],
  [
    0x0001,
    {
      uses: [...cipher, ...signing, "wrap", "unwrap"],
      read: { parameters: { paddingMethod: PaddingMethod.PKCS1V1_5 }, input: "digest-info" },
    },
  ],
  [0x0009, { uses: [...cipher, "wrap", "unwrap"], read: oaep }],
  [0x000d, { uses: signing, read: pss(undefined) }],
  [0x0131, { uses: ["generate"], read: { parameters: {} } }],
  [0x0132, { uses: cipher, read: block(BlockCipherMode.ECB) }],
  [0x0133, { uses: cipher, read: vector(BlockCipherMode.CBC) }],
  [0x0136, { uses: cipher, read: vector(BlockCipherMode.CBC, PaddingMethod.PKCS5) }],
  [0x0138, cmac],
  [0x0350, { uses: ["generate"], read: { parameters: {} } }],
  [0x1040, { uses: ["generate-pair"], read: { parameters: {} } }],
  [0x1041, { uses: signing, read: { parameters: {}, input: "digest" } }],
  [0x1080, { uses: ["generate"], read: { parameters: {} } }],
  [0x1081, { uses: cipher, read: block(BlockCipherMode.ECB) }],
  [0x1082, { uses: cipher, read: vector(BlockCipherMode.CBC) }],
  [0x1085, { uses: cipher, read: vector(BlockCipherMode.CBC, PaddingMethod.PKCS5) }],
  [0x1086, { uses: cipher, read: counter }],
  [0x1087, { uses: cipher, read: gcm }],
  [0x108a, cmac],
  [0x2109, { uses: ["wrap", "unwrap"], read: block(BlockCipherMode.NISTKeyWrap) }],
  [0x210b, { uses: ["wrap", "unwrap"], otherwise: 0x210a, read: block(BlockCipherMode.AESKeyWrapPadding) }],
  ...signatureRows(),
  ...hashRows(),
]);

/** Reads a CK_MECHANISM for a use: its type, whether it has parameters, their length, and they. Throws Refusal. */
export function readMechanism(input: ParameterReader, use: MechanismFlag): Mechanism {
  const type = input.ulong();
  const given = input.boolean() ? new ParameterReader(input.counted()) : undefined;
  const row = mechanismRows.get(type);
  if (row === undefined || !row.uses.includes(use)) throw new Refusal("MECHANISM_INVALID");
  if (typeof row.read !== "function") {
    if (given !== undefined && given.left > 0) throw new Refusal("MECHANISM_PARAM_INVALID");
    return { type, ...row.read };
  }
  if (given === undefined) throw new Refusal("MECHANISM_PARAM_INVALID");
  const facts = row.read(given);
  if (given.left > 0) throw new Refusal("MECHANISM_PARAM_INVALID");
  return { type, ...facts };
}

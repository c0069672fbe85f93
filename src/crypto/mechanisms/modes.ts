import { BlockCipherMode, CryptographicAlgorithm } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { CipherSpecification } from "../port.js";
import {
  blockVector,
  ccmVector,
  chachaPolyVector,
  chachaVector,
  counterBits,
  counterVector,
  gcmVector,
  type VectorRule,
} from "./initialization-vectors.js";
import { ccmTag, type TagRule, tagLengthOf, usualTag } from "./tags.js";

/** What a mode is specified from. */
export interface ModeInput {
  readonly vector: Buffer;
  /** The vector as the client gave it. */
  readonly given: Buffer;
  /** Whether PKCS#5 padding is left to whoever does the cipher. */
  readonly padding: boolean;
  readonly parameters: CryptographicParameters;
  readonly additionalData: Buffer | undefined;
  readonly givenTagLength: number | undefined;
}

/** One mode of a cipher. */
export interface Mode {
  /** Length in bytes of the blocks that padding fills up; null where nothing is padded. */
  readonly padsTo: number | null;
  readonly authenticates: boolean;
  readonly vector: VectorRule | null;
  /** Whether data may be given in parts and come out in parts. */
  readonly streams: boolean;
  specify(input: ModeInput): CipherSpecification;
}

function ecb(blockLength: number): Mode {
  return {
    padsTo: blockLength,
    authenticates: false,
    vector: null,
    streams: true,
    specify: ({ padding }) => ({ name: "ecb", padding }),
  };
}

function cbc(blockLength: number): Mode {
  return {
    padsTo: blockLength,
    authenticates: false,
    vector: blockVector(blockLength),
    streams: true,
    specify: ({ vector, padding }) => ({ name: "cbc", iv: vector, padding }),
  };
}

function feedback(name: "cfb" | "ofb", blockLength: number): Mode {
  return {
    padsTo: null,
    authenticates: false,
    vector: blockVector(blockLength),
    streams: true,
    specify: ({ vector }) => ({ name, iv: vector }),
  };
}

const ctr: Mode = {
  padsTo: null,
  authenticates: false,
  vector: counterVector,
  streams: true,
  specify: ({ vector, given, parameters }) => ({
    name: "ctr",
    iv: vector,
    counterBits: counterBits(given, parameters),
  }),
};

function authenticated(
  name: "gcm" | "ccm" | "chacha20-poly1305",
  vector: VectorRule,
  tag: TagRule,
  streams: boolean,
): Mode {
  return {
    padsTo: null,
    authenticates: true,
    vector,
    streams,
    specify: ({ vector: iv, additionalData, parameters, givenTagLength }) => ({
      name,
      iv,
      additionalData: additionalData ?? Buffer.alloc(0),
      tagLength: tagLengthOf(tag, parameters, givenTagLength),
    }),
  };
}

/** A mode for data that are one unit. */
function whole(specify: Mode["specify"], vector: VectorRule | null): Mode {
  return { padsTo: null, authenticates: false, vector, streams: false, specify };
}

const gcm = authenticated("gcm", gcmVector, usualTag, true);
const ccm = authenticated("ccm", ccmVector, ccmTag, false);
const chachaPoly = authenticated("chacha20-poly1305", chachaPolyVector, usualTag, true);

const chacha: Mode = {
  padsTo: null,
  authenticates: false,
  vector: chachaVector,
  streams: true,
  specify: ({ vector }) => ({ name: "chacha20", iv: vector }),
};

type Modes = ReadonlyMap<number | undefined, Mode>;

function classic(blockLength: number): [number, Mode][] {
  return [
    [BlockCipherMode.ECB, ecb(blockLength)],
    [BlockCipherMode.CBC, cbc(blockLength)],
    [BlockCipherMode.CFB, feedback("cfb", blockLength)],
    [BlockCipherMode.OFB, feedback("ofb", blockLength)],
  ];
}

/** The ciphers by Cryptographic Algorithm, each with its modes; `undefined` is what is done where none is named. */
export const cipherModes: ReadonlyMap<number, Modes> = new Map<number, Modes>([
  [
    CryptographicAlgorithm.AES,
    new Map([
      ...classic(16),
      [BlockCipherMode.CTR, ctr],
      [BlockCipherMode.GCM, gcm],
      [BlockCipherMode.CCM, ccm],
      [BlockCipherMode.XTS, whole(({ vector }) => ({ name: "xts", iv: vector }), blockVector(16))],
      [BlockCipherMode.NISTKeyWrap, whole(() => ({ name: "aes-kw" }), null)],
      [BlockCipherMode.AESKeyWrapPadding, whole(() => ({ name: "aes-kwp" }), null)],
    ]),
  ],
  [CryptographicAlgorithm.DES3, new Map(classic(8))],
  [CryptographicAlgorithm.Camellia, new Map([...classic(16), [BlockCipherMode.CTR, ctr]])],
  [
    CryptographicAlgorithm.ARIA,
    new Map([...classic(16), [BlockCipherMode.CTR, ctr], [BlockCipherMode.GCM, gcm], [BlockCipherMode.CCM, ccm]]),
  ],
  [CryptographicAlgorithm.SM4, new Map([...classic(16), [BlockCipherMode.CTR, ctr]])],
  [CryptographicAlgorithm.ChaCha20, new Map([[undefined, chacha]])],
  [
    CryptographicAlgorithm.ChaCha20Poly1305,
    new Map([
      [undefined, chachaPoly],
      [BlockCipherMode.AEAD, chachaPoly],
    ]),
  ],
]);

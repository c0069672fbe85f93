import { BlockCipherMode, PaddingMethod } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { CipherSpecification, KeyType } from "../port.js";
import {
  blockVector,
  counterBits,
  counterVector,
  gcmVector,
  type RandomSource,
  type VectorRule,
} from "./initialization-vectors.js";
import { badParameters, checkAlgorithm, type MechanismKey, unsupportedParameters } from "./key.js";
import { rsaCipher } from "./rsa-ciphers.js";

/** What a request says beside the key and the parameters. */
export interface CipherRequest {
  readonly direction: "encrypt" | "decrypt";
  /** IV/Counter/Nonce. */
  readonly iv: Buffer | undefined;
  readonly additionalData: Buffer | undefined;
  /** Length in bytes of the tag that stands in a Decrypt request. */
  readonly givenTagLength: number | undefined;
}

/** A cipher chosen. */
export interface ChosenCipher {
  readonly specification: CipherSpecification;
  /** The vector the server made, for the client to keep; undefined where the client gave it or none is needed. */
  readonly madeVector: Buffer | undefined;
}

interface ModeInput {
  readonly vector: Buffer;
  readonly given: Buffer;
  readonly padding: boolean;
  readonly parameters: CryptographicParameters;
  readonly request: CipherRequest;
}

/** One mode of a block cipher. */
interface Mode {
  /** Whether PKCS#5 padding may be asked for. */
  readonly pads: boolean;
  readonly authenticates: boolean;
  readonly vector: VectorRule | null;
  specify(input: ModeInput): CipherSpecification;
}

const ecb: Mode = {
  pads: true,
  authenticates: false,
  vector: null,
  specify: ({ padding }) => ({ name: "ecb", padding }),
};

function cbc(blockLength: number): Mode {
  return {
    pads: true,
    authenticates: false,
    vector: blockVector(blockLength),
    specify: ({ vector, padding }) => ({ name: "cbc", iv: vector, padding }),
  };
}

const ctr: Mode = {
  pads: false,
  authenticates: false,
  vector: counterVector,
  specify: ({ vector, given, parameters }) => ({
    name: "ctr",
    iv: vector,
    counterBits: counterBits(given, parameters),
  }),
};

const gcm: Mode = {
  pads: false,
  authenticates: true,
  vector: gcmVector,
  specify: ({ vector, parameters, request }) => ({
    name: "gcm",
    iv: vector,
    additionalData: request.additionalData ?? Buffer.alloc(0),
    tagLength: tagLengthOf(parameters, request),
  }),
};

/** Lengths of tags in bytes: shorter ones can be forged (SP 800-38D appendix C). */
const tagLengths = { shortest: 12, longest: 16 } as const;

function tagLengthOf({ tagLength }: CryptographicParameters, { givenTagLength }: CipherRequest): number {
  const length = tagLength ?? givenTagLength ?? tagLengths.longest;
  if (length < tagLengths.shortest || length > tagLengths.longest) {
    // The test cases of the specification expect General Failure here (CS-BC-M-GCM-1).
    throw new KmipError("GeneralFailure", `the tag has ${tagLengths.shortest} to ${tagLengths.longest} bytes`);
  }
  return length;
}

const modes: Readonly<Partial<Record<KeyType, ReadonlyMap<number, Mode>>>> = {
  aes: new Map([
    [BlockCipherMode.ECB, ecb],
    [BlockCipherMode.CBC, cbc(16)],
    [BlockCipherMode.CTR, ctr],
    [BlockCipherMode.GCM, gcm],
  ]),
  des3: new Map([
    [BlockCipherMode.ECB, ecb],
    [BlockCipherMode.CBC, cbc(8)],
  ]),
};

/** Padding of whole blocks, by Padding Method. */
const blockPaddings: ReadonlyMap<number, boolean> = new Map([
  [PaddingMethod.None, false],
  [PaddingMethod.PKCS5, true],
]);

/**
 * The cipher for a key and Cryptographic Parameters (KMIP 2.1 §4.16, §6.1.11, §6.1.17). Throws KmipError.
 * Where a vector is needed and none is given, Encrypt makes one and Decrypt fails.
 */
export async function chooseCipher(
  key: MechanismKey,
  parameters: CryptographicParameters,
  request: CipherRequest,
  random: RandomSource,
): Promise<ChosenCipher> {
  checkAlgorithm(key, parameters);
  if (key.keyType === "rsa") return chooseRsa(parameters, request);
  const ofKey = modes[key.keyType];
  if (ofKey === undefined) throw unsupportedParameters("keys of this Cryptographic Algorithm do not encrypt here");
  return chooseBlock(ofKey, parameters, request, random);
}

function chooseRsa(parameters: CryptographicParameters, request: CipherRequest): ChosenCipher {
  if (request.iv !== undefined || request.additionalData !== undefined) throw badParameters("RSA takes no IV");
  return { specification: rsaCipher(parameters), madeVector: undefined };
}

async function chooseBlock(
  ofKey: ReadonlyMap<number, Mode>,
  parameters: CryptographicParameters,
  request: CipherRequest,
  random: RandomSource,
): Promise<ChosenCipher> {
  if (parameters.blockCipherMode === undefined) throw badParameters("the parameters name no Block Cipher Mode");
  const mode = ofKey.get(parameters.blockCipherMode);
  if (mode === undefined) throw unsupportedParameters("this Block Cipher Mode is not supported with this key");
  const padding = paddingOf(mode, parameters);
  if (request.additionalData !== undefined && !mode.authenticates) {
    throw badParameters("this Block Cipher Mode authenticates no additional data");
  }
  const { vector, made } = await vectorFor(mode, parameters, request, random);
  const given = request.iv ?? vector;
  const specification = mode.specify({ vector, given, padding, parameters, request });
  return { specification, madeVector: made ? vector : undefined };
}

function paddingOf(mode: Mode, { paddingMethod = PaddingMethod.None }: CryptographicParameters): boolean {
  const padding = blockPaddings.get(paddingMethod);
  if (padding === undefined) throw unsupportedParameters("blocks are padded with PKCS5 or not at all");
  if (padding && !mode.pads) throw badParameters("this Block Cipher Mode has no padding");
  return padding;
}

async function vectorFor(
  mode: Mode,
  parameters: CryptographicParameters,
  { iv, direction }: CipherRequest,
  random: RandomSource,
): Promise<{ vector: Buffer; made: boolean }> {
  if (mode.vector === null) {
    if (iv !== undefined) throw badParameters("this Block Cipher Mode has no IV");
    return { vector: Buffer.alloc(0), made: false };
  }
  if (iv !== undefined) return { vector: mode.vector.accept(iv, parameters), made: false };
  if (direction === "decrypt") throw new KmipError("MissingInitializationVector", "the IV is missing");
  return { vector: await mode.vector.generate(parameters, random), made: true };
}

import { PaddingMethod } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { CipherSpecification } from "../port.js";
import type { RandomSource } from "./initialization-vectors.js";
import { badParameters, checkAlgorithm, type MechanismKey, unsupportedParameters } from "./key.js";
import { cipherModes, type Mode } from "./modes.js";
import { type BlockPadding, blockPaddings, pkcs5 } from "./paddings.js";
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

/** How data are made whole blocks beside the cipher. */
export interface Framing {
  /** Bytes. */
  readonly blockLength: number;
  /** Null where the data must be whole blocks. */
  readonly padding: BlockPadding | null;
}

/** A cipher chosen. */
export interface ChosenCipher {
  /** What whoever does the cipher is told; it pads where that is PKCS#5. */
  readonly specification: CipherSpecification;
  /** Padding that whoever does the cipher does not do. */
  readonly framing: Framing | null;
  /** The cipher as it is done in parts; null where all data must be there first. */
  readonly inParts: { readonly specification: CipherSpecification; readonly framing: Framing | null } | null;
  /** The vector the server made, for the client to keep; undefined where the client gave it or none is needed. */
  readonly madeVector: Buffer | undefined;
}

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
  const modes = key.algorithm === undefined ? undefined : cipherModes.get(key.algorithm);
  if (modes === undefined) throw unsupportedParameters("keys of this Cryptographic Algorithm do not encrypt here");
  const { blockCipherMode } = parameters;
  const mode = modes.get(blockCipherMode);
  if (mode !== undefined) return chooseMode(mode, parameters, request, random);
  throw blockCipherMode === undefined
    ? badParameters("the parameters name no Block Cipher Mode")
    : unsupportedParameters("this Block Cipher Mode is not supported with this key");
}

function chooseRsa(parameters: CryptographicParameters, request: CipherRequest): ChosenCipher {
  if (request.iv !== undefined || request.additionalData !== undefined) throw badParameters("RSA takes no IV");
  return { specification: rsaCipher(parameters), framing: null, inParts: null, madeVector: undefined };
}

async function chooseMode(
  mode: Mode,
  parameters: CryptographicParameters,
  request: CipherRequest,
  random: RandomSource,
): Promise<ChosenCipher> {
  const padding = paddingOf(mode, parameters);
  const { additionalData, givenTagLength } = request;
  if (additionalData !== undefined && !mode.authenticates) {
    throw badParameters("this Block Cipher Mode authenticates no additional data");
  }
  const { vector, given, made } = await vectorFor(mode, parameters, request, random);
  const input = { vector, given, parameters, additionalData, givenTagLength };
  const unpadded = mode.specify({ ...input, padding: false });
  const framing = mode.padsTo === null ? null : { blockLength: mode.padsTo, padding };
  return {
    specification: padding === pkcs5 ? mode.specify({ ...input, padding: true }) : unpadded,
    framing: padding === null || padding === pkcs5 ? null : framing,
    inParts: mode.streams ? { specification: unpadded, framing } : null,
    madeVector: made,
  };
}

function paddingOf(mode: Mode, { paddingMethod = PaddingMethod.None }: CryptographicParameters): BlockPadding | null {
  const padding = blockPaddings.get(paddingMethod);
  if (padding === undefined) throw unsupportedParameters("this Padding Method pads no blocks here");
  if (padding !== null && mode.padsTo === null) throw badParameters("this Block Cipher Mode has no padding");
  return padding;
}

async function vectorFor(
  mode: Mode,
  parameters: CryptographicParameters,
  { iv, direction }: CipherRequest,
  random: RandomSource,
): Promise<{ vector: Buffer; given: Buffer; made: Buffer | undefined }> {
  if (mode.vector === null) {
    if (iv !== undefined) throw badParameters("this Block Cipher Mode has no IV");
    return { vector: Buffer.alloc(0), given: Buffer.alloc(0), made: undefined };
  }
  if (iv !== undefined) return { vector: mode.vector.accept(iv, parameters), given: iv, made: undefined };
  if (direction === "decrypt" || parameters.randomIV === false) {
    throw new KmipError("MissingInitializationVector", "the IV is missing");
  }
  const made = await mode.vector.generate(parameters, random);
  return { vector: mode.vector.accept(made, parameters), given: made, made };
}

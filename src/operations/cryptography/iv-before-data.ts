import { BlockCipherMode } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { Caller } from "#src/access/caller.js";
import type { MechanismKey } from "#src/crypto/mechanisms/key.js";
import { cipherModes } from "#src/crypto/mechanisms/modes.js";

/** What a client sent to be decrypted. */
export interface Ciphertext {
  readonly iv: Buffer | undefined;
  readonly data: Buffer;
}

/**
 * The IV and the data of a Decrypt. Where the profile of the client says so, the first block of Data in the mode CBC is
 * the IV that the request does not name.
 */
export function ivBeforeData(
  { behaviour }: Caller,
  { algorithm }: MechanismKey,
  { blockCipherMode }: CryptographicParameters,
  sent: Ciphertext,
): Ciphertext {
  if (!behaviour.ivBeforeData || sent.iv !== undefined || blockCipherMode !== BlockCipherMode.CBC) return sent;
  const blockLength = algorithm === undefined ? undefined : cipherModes.get(algorithm)?.get(blockCipherMode)?.padsTo;
  if (typeof blockLength !== "number" || sent.data.length < blockLength) return sent;
  return { iv: sent.data.subarray(0, blockLength), data: sent.data.subarray(blockLength) };
}

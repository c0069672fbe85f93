import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { MaterialKeyType } from "#src/objects/custody.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { pairAlgorithms } from "../formats/algorithms.js";

/** What the choice of a mechanism depends on in a key. */
export interface MechanismKey {
  readonly keyType: MaterialKeyType;
  /** Cryptographic Algorithm of the object. */
  readonly algorithm: number | undefined;
  /** Cryptographic Length in bits, where it matters. */
  readonly bits?: number | undefined;
}

/** The error for parameters that contradict each other or the key, or leave out what must be said. */
export function badParameters(message: string): KmipError {
  return new KmipError("BadCryptographicParameters", message);
}

/** The error for parameters that say something this server does not do. */
export function unsupportedParameters(message: string): KmipError {
  return new KmipError("UnsupportedCryptographicParameters", message);
}

/** Algorithms that name the same keys. */
const families: readonly (readonly number[])[] = Object.values(pairAlgorithms);

/** Throws KmipError where the parameters name another Cryptographic Algorithm than the key has. */
export function checkAlgorithm({ algorithm }: MechanismKey, { cryptographicAlgorithm }: CryptographicParameters): void {
  if (cryptographicAlgorithm === undefined || cryptographicAlgorithm === algorithm) return;
  const family = families.find((each) => each.includes(cryptographicAlgorithm));
  if (algorithm !== undefined && family?.includes(algorithm)) return;
  throw badParameters("the Cryptographic Algorithm of the parameters is not that of the key");
}

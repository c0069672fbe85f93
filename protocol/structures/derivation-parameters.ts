import { byteString, integer, type ValueOf } from "../schema/codec.js";
import { optional, repeated, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { cryptographicParameters } from "./cryptographic-parameters.js";

/**
 * Derivation Parameters (KMIP 2.1 §7.12) of every derivation method; Derivation Data stands more than once only for AWS
 * Signature Version 4.
 */
export const derivationParameters = structure("DerivationParameters", {
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  initializationVector: optional(Tag.InitializationVector, byteString),
  derivationData: repeated(Tag.DerivationData, byteString),
  salt: optional(Tag.Salt, byteString),
  iterationCount: optional(Tag.IterationCount, integer),
});
export type DerivationParameters = ValueOf<typeof derivationParameters>;

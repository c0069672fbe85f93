import { boolean, byteString, integer, type ValueOf } from "../schema/codec.js";
import { enumerationFor, optionalEnumeration } from "../schema/enumeration.js";
import { optional, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { V1_2, V1_4 } from "../versions.js";

/** Cryptographic Parameters (KMIP 2.1 §4.16). IV, field and counter lengths in bits; tag and salt lengths in bytes. */
export const cryptographicParameters = structure("CryptographicParameters", {
  blockCipherMode: optionalEnumeration(Tag.BlockCipherMode),
  paddingMethod: optionalEnumeration(Tag.PaddingMethod),
  hashingAlgorithm: optionalEnumeration(Tag.HashingAlgorithm),
  keyRoleType: optionalEnumeration(Tag.KeyRoleType),
  digitalSignatureAlgorithm: optionalEnumeration(Tag.DigitalSignatureAlgorithm, { since: V1_2 }),
  cryptographicAlgorithm: optionalEnumeration(Tag.CryptographicAlgorithm, { since: V1_2 }),
  randomIV: optional(Tag.RandomIV, boolean, { since: V1_2 }),
  ivLength: optional(Tag.IVLength, integer, { since: V1_2 }),
  tagLength: optional(Tag.TagLength, integer, { since: V1_2 }),
  fixedFieldLength: optional(Tag.FixedFieldLength, integer, { since: V1_2 }),
  invocationFieldLength: optional(Tag.InvocationFieldLength, integer, { since: V1_2 }),
  counterLength: optional(Tag.CounterLength, integer, { since: V1_2 }),
  initialCounterValue: optional(Tag.InitialCounterValue, integer, { since: V1_2 }),
  saltLength: optional(Tag.SaltLength, integer, { since: V1_4 }),
  maskGenerator: optionalEnumeration(Tag.MaskGenerator, { since: V1_4 }),
  maskGeneratorHashingAlgorithm: optional(Tag.MaskGeneratorHashingAlgorithm, enumerationFor(Tag.HashingAlgorithm), {
    since: V1_4,
  }),
  pSource: optional(Tag.PSource, byteString, { since: V1_4 }),
  trailerField: optional(Tag.TrailerField, integer, { since: V1_4 }),
});

/** The value of a Cryptographic Parameters structure. */
export type CryptographicParameters = ValueOf<typeof cryptographicParameters>;

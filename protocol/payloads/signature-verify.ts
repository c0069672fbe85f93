import { byteString, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration } from "../schema/enumeration.js";
import { optional, structure } from "../schema/structure.js";
import { cryptographicParameters } from "../structures/cryptographic-parameters.js";
import { dataInput } from "../structures/data.js";
import { Tag } from "../tags.js";
import { V1_4 } from "../versions.js";
import { answeredObject, namedObject, streamAnswer, streamPosition } from "./fields.js";

/** Request of Signature Verify (KMIP 2.1 §6.1.56). */
export const signatureVerifyRequest = structure("SignatureVerifyRequest", {
  uniqueIdentifier: namedObject,
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: optional(Tag.Data, dataInput),
  digestedData: optional(Tag.DigestedData, byteString, { since: V1_4 }),
  signatureData: optional(Tag.SignatureData, byteString),
  ...streamPosition,
});
export type SignatureVerifyRequest = ValueOf<typeof signatureVerifyRequest>;

/** Response of Signature Verify: Data is what a signature with message recovery gave back. */
export const signatureVerifyResponse = structure("SignatureVerifyResponse", {
  uniqueIdentifier: answeredObject,
  validityIndicator: optionalEnumeration(Tag.ValidityIndicator),
  data: optional(Tag.Data, byteString),
  ...streamAnswer,
});
export type SignatureVerifyResponse = ValueOf<typeof signatureVerifyResponse>;

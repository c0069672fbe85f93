import { byteString, type ValueOf } from "../schema/codec.js";
import { optional, structure } from "../schema/structure.js";
import { cryptographicParameters } from "../structures/cryptographic-parameters.js";
import { dataInput } from "../structures/data.js";
import { Tag } from "../tags.js";
import { V1_4 } from "../versions.js";
import { answeredObject, namedObject, streamAnswer, streamPosition } from "./fields.js";

/** Request of Sign (KMIP 2.1 §6.1.55). */
export const signRequest = structure("SignRequest", {
  uniqueIdentifier: namedObject,
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: optional(Tag.Data, dataInput),
  digestedData: optional(Tag.DigestedData, byteString, { since: V1_4 }),
  ...streamPosition,
});
export type SignRequest = ValueOf<typeof signRequest>;

/** Response of Sign. */
export const signResponse = structure("SignResponse", {
  uniqueIdentifier: answeredObject,
  signatureData: optional(Tag.SignatureData, byteString),
  ...streamAnswer,
});
export type SignResponse = ValueOf<typeof signResponse>;

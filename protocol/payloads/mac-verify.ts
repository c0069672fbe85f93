import { byteString, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration } from "../schema/enumeration.js";
import { optional, structure } from "../schema/structure.js";
import { cryptographicParameters } from "../structures/cryptographic-parameters.js";
import { dataInput } from "../structures/data.js";
import { Tag } from "../tags.js";
import { answeredObject, namedObject, streamAnswer, streamPosition } from "./fields.js";

/** Request of MAC Verify (KMIP 2.1 §6.1.33). */
export const macVerifyRequest = structure("MacVerifyRequest", {
  uniqueIdentifier: namedObject,
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: optional(Tag.Data, dataInput),
  macData: optional(Tag.MACData, byteString),
  ...streamPosition,
});
export type MacVerifyRequest = ValueOf<typeof macVerifyRequest>;

/** Response of MAC Verify. */
export const macVerifyResponse = structure("MacVerifyResponse", {
  uniqueIdentifier: answeredObject,
  validityIndicator: optionalEnumeration(Tag.ValidityIndicator),
  ...streamAnswer,
});
export type MacVerifyResponse = ValueOf<typeof macVerifyResponse>;

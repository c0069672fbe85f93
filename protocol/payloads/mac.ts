import { byteString, type ValueOf } from "../schema/codec.js";
import { optional, structure } from "../schema/structure.js";
import { cryptographicParameters } from "../structures/cryptographic-parameters.js";
import { dataInput } from "../structures/data.js";
import { Tag } from "../tags.js";
import { answeredObject, namedObject, streamAnswer, streamPosition } from "./fields.js";

/** Request of MAC (KMIP 2.1 §6.1.32). */
export const macRequest = structure("MacRequest", {
  uniqueIdentifier: namedObject,
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: optional(Tag.Data, dataInput),
  ...streamPosition,
});
export type MacRequest = ValueOf<typeof macRequest>;

/** Response of MAC. */
export const macResponse = structure("MacResponse", {
  uniqueIdentifier: answeredObject,
  macData: optional(Tag.MACData, byteString),
  ...streamAnswer,
});
export type MacResponse = ValueOf<typeof macResponse>;

import { byteString, type ValueOf } from "../schema/codec.js";
import { optional, required, structure } from "../schema/structure.js";
import { cryptographicParameters } from "../structures/cryptographic-parameters.js";
import { dataInput } from "../structures/data.js";
import { Tag } from "../tags.js";
import { streamAnswer, streamPosition } from "./fields.js";

/** Request of Hash (KMIP 2.1 §6.1.24). */
export const hashRequest = structure("HashRequest", {
  cryptographicParameters: required(Tag.CryptographicParameters, cryptographicParameters),
  data: optional(Tag.Data, dataInput),
  ...streamPosition,
});
export type HashRequest = ValueOf<typeof hashRequest>;

/** Response of Hash. */
export const hashResponse = structure("HashResponse", {
  data: optional(Tag.Data, byteString),
  ...streamAnswer,
});
export type HashResponse = ValueOf<typeof hashResponse>;

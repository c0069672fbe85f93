import { byteString, type ValueOf } from "../schema/codec.js";
import { optional, structure } from "../schema/structure.js";
import { cryptographicParameters } from "../structures/cryptographic-parameters.js";
import { dataInput } from "../structures/data.js";
import { Tag } from "../tags.js";
import { V1_4 } from "../versions.js";
import { answeredObject, namedObject, streamAnswer, streamPosition } from "./fields.js";

/** Request of Encrypt (KMIP 2.1 §6.1.17). */
export const encryptRequest = structure("EncryptRequest", {
  uniqueIdentifier: namedObject,
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: optional(Tag.Data, dataInput),
  ivCounterNonce: optional(Tag.IVCounterNonce, byteString),
  ...streamPosition,
  authenticatedEncryptionAdditionalData: optional(Tag.AuthenticatedEncryptionAdditionalData, byteString, {
    since: V1_4,
  }),
});
export type EncryptRequest = ValueOf<typeof encryptRequest>;

/** Response of Encrypt: the IV stands where the server chose it. */
export const encryptResponse = structure("EncryptResponse", {
  uniqueIdentifier: answeredObject,
  data: optional(Tag.Data, byteString),
  ivCounterNonce: optional(Tag.IVCounterNonce, byteString),
  ...streamAnswer,
  authenticatedEncryptionTag: optional(Tag.AuthenticatedEncryptionTag, byteString, { since: V1_4 }),
});
export type EncryptResponse = ValueOf<typeof encryptResponse>;

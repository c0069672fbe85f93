import { byteString, type ValueOf } from "../schema/codec.js";
import { optional, structure } from "../schema/structure.js";
import { cryptographicParameters } from "../structures/cryptographic-parameters.js";
import { dataInput } from "../structures/data.js";
import { Tag } from "../tags.js";
import { V1_4 } from "../versions.js";
import { answeredObject, namedObject, streamAnswer, streamPosition } from "./fields.js";

/** Request of Decrypt (KMIP 2.1 §6.1.11). */
export const decryptRequest = structure("DecryptRequest", {
  uniqueIdentifier: namedObject,
  cryptographicParameters: optional(Tag.CryptographicParameters, cryptographicParameters),
  data: optional(Tag.Data, dataInput),
  ivCounterNonce: optional(Tag.IVCounterNonce, byteString),
  ...streamPosition,
  authenticatedEncryptionAdditionalData: optional(Tag.AuthenticatedEncryptionAdditionalData, byteString, {
    since: V1_4,
  }),
  authenticatedEncryptionTag: optional(Tag.AuthenticatedEncryptionTag, byteString, { since: V1_4 }),
});
export type DecryptRequest = ValueOf<typeof decryptRequest>;

/** Response of Decrypt. */
export const decryptResponse = structure("DecryptResponse", {
  uniqueIdentifier: answeredObject,
  data: optional(Tag.Data, byteString),
  ...streamAnswer,
});
export type DecryptResponse = ValueOf<typeof decryptResponse>;

import { byteString, textString, type ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { optional, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";

/** Request of PKCS#11 (KMIP 2.1 §6.1.37): function and return code are those of PKCS#11. */
export const pkcs11Request = structure("Pkcs11Request", {
  pkcs11Interface: optional(Tag.PKCS_11Interface, textString),
  pkcs11Function: requiredEnumeration(Tag.PKCS_11Function),
  correlationValue: optional(Tag.CorrelationValue, byteString),
  pkcs11InputParameters: optional(Tag.PKCS_11InputParameters, byteString),
});
export type Pkcs11Request = ValueOf<typeof pkcs11Request>;

/** Response of PKCS#11. */
export const pkcs11Response = structure("Pkcs11Response", {
  pkcs11Interface: optional(Tag.PKCS_11Interface, textString),
  pkcs11Function: requiredEnumeration(Tag.PKCS_11Function),
  correlationValue: optional(Tag.CorrelationValue, byteString),
  pkcs11OutputParameters: optional(Tag.PKCS_11OutputParameters, byteString),
  pkcs11ReturnCode: requiredEnumeration(Tag.PKCS_11ReturnCode),
});
export type Pkcs11Response = ValueOf<typeof pkcs11Response>;

import { eitherOf } from "../schema/choice.js";
import { byteString, type Codec, integer, textString, type ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { optional, required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { ItemType } from "../ttlv/item.js";

/** A function that a vendor defined, by its number. */
export interface VendorFunction {
  readonly vendor: number;
}

/** Any value of the enumeration: whether there is such a function is for the interface to say. */
const anyFunction: Codec<number> = {
  decode: (item) => {
    if (item.type !== ItemType.Enumeration) throw new TypeError("eitherOf has told the type");
    return item.value;
  },
  encode: (tag, value) => ({ tag, type: ItemType.Enumeration, value }),
};

const vendorFunction: Codec<VendorFunction> = {
  decode: (item, context) => ({ vendor: integer.decode(item, context) }),
  encode: (tag, { vendor }, context) => integer.encode(tag, vendor, context),
};

/** PKCS#11 Function: a value of the enumeration, or the Integer of a vendor's function (KMIP 2.1 §6.1.37). */
export const pkcs11Function = eitherOf<number, VendorFunction>(
  { type: ItemType.Enumeration, codec: anyFunction, is: (value): value is number => typeof value === "number" },
  {
    type: ItemType.Integer,
    codec: vendorFunction,
    is: (value): value is VendorFunction => typeof value !== "number",
  },
);

/** Request of PKCS#11 (KMIP 2.1 §6.1.37): function and return code are those of PKCS#11. */
export const pkcs11Request = structure("Pkcs11Request", {
  pkcs11Interface: optional(Tag.PKCS_11Interface, textString),
  pkcs11Function: required(Tag.PKCS_11Function, pkcs11Function),
  correlationValue: optional(Tag.CorrelationValue, byteString),
  pkcs11InputParameters: optional(Tag.PKCS_11InputParameters, byteString),
});
export type Pkcs11Request = ValueOf<typeof pkcs11Request>;

/** Response of PKCS#11. */
export const pkcs11Response = structure("Pkcs11Response", {
  pkcs11Interface: optional(Tag.PKCS_11Interface, textString),
  pkcs11Function: required(Tag.PKCS_11Function, pkcs11Function),
  correlationValue: optional(Tag.CorrelationValue, byteString),
  pkcs11OutputParameters: optional(Tag.PKCS_11OutputParameters, byteString),
  pkcs11ReturnCode: requiredEnumeration(Tag.PKCS_11ReturnCode),
});
export type Pkcs11Response = ValueOf<typeof pkcs11Response>;

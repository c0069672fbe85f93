import { attributeList, attributeNames } from "../attributes/fields.js";
import type { ValueOf } from "../schema/codec.js";
import { type Field, structure } from "../schema/structure.js";
import { V2_0 } from "../versions.js";
import { answeredObject } from "./fields.js";

/** The attributes that are no more, which 1.x lists among the others, without a value. */
const attributeReferences: Field<readonly string[]> = { ...attributeNames, span: { since: V2_0 } };

/**
 * Request of Notify (KMIP 2.1 §6.2.2): a deleted attribute is an Attribute without value in 1.x, an Attribute Reference
 * in 2.x.
 */
export const notifyRequest = structure("NotifyRequest", {
  uniqueIdentifier: answeredObject,
  attributes: attributeList({ always: false }),
  deletedAttributes: attributeReferences,
});
export type NotifyRequest = ValueOf<typeof notifyRequest>;

/** Response of Notify. */
export const notifyResponse = structure("NotifyResponse", {});
export type NotifyResponse = ValueOf<typeof notifyResponse>;

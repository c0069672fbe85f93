import { assignedAttributes, requestedAttributes } from "../attributes/fields.js";
import { oneOrMore } from "../schema/choice.js";
import type { ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { repeated, required, structure } from "../schema/structure.js";
import { derivationParameters } from "../structures/derivation-parameters.js";
import { objectNaming } from "../structures/unique-identifier.js";
import { Tag } from "../tags.js";
import { answeredObject } from "./fields.js";

/** Request of Derive Key (KMIP 2.1 §6.1.14). */
export const deriveKeyRequest = structure("DeriveKeyRequest", {
  objectType: requiredEnumeration(Tag.ObjectType),
  uniqueIdentifiers: oneOrMore(repeated(Tag.UniqueIdentifier, objectNaming)),
  derivationMethod: requiredEnumeration(Tag.DerivationMethod),
  derivationParameters: required(Tag.DerivationParameters, derivationParameters),
  attributes: requestedAttributes(Tag.TemplateAttribute, Tag.Attributes, { always: true }),
});
export type DeriveKeyRequest = ValueOf<typeof deriveKeyRequest>;

/** Response of Derive Key. */
export const deriveKeyResponse = structure("DeriveKeyResponse", {
  uniqueIdentifier: answeredObject,
  templateAttribute: assignedAttributes(Tag.TemplateAttribute),
});
export type DeriveKeyResponse = ValueOf<typeof deriveKeyResponse>;

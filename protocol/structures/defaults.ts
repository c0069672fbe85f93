import { attributeList } from "../attributes/fields.js";
import type { ValueOf } from "../schema/codec.js";
import { optionalEnumeration } from "../schema/enumeration.js";
import { optional, repeated, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { V2_1 } from "../versions.js";
import { objectGroups, objectTypes } from "./lists.js";

/** Object Defaults (KMIP 2.1 §7.22): one Object Type, or since 2.1 a list of them. */
export const objectDefaults = structure("ObjectDefaults", {
  objectType: optionalEnumeration(Tag.ObjectType),
  objectTypes: optional(Tag.ObjectTypes, objectTypes, { since: V2_1 }),
  attributes: attributeList({ always: true }),
  objectGroups: optional(Tag.ObjectGroups, objectGroups, { since: V2_1 }),
});

/** Defaults Information (KMIP 2.1 §7.11). */
export const defaultsInformation = structure("DefaultsInformation", {
  objectDefaults: repeated(Tag.ObjectDefaults, objectDefaults),
});
export type DefaultsInformation = ValueOf<typeof defaultsInformation>;

/** Constraint (KMIP 2.1 §7.6). */
export const constraint = structure("Constraint", {
  objectTypes: optional(Tag.ObjectTypes, objectTypes),
  objectGroups: optional(Tag.ObjectGroups, objectGroups),
  attributes: attributeList({ always: false }),
});

/** Constraints (KMIP 2.1 §7.7). */
export const constraints = structure("Constraints", { constraint: repeated(Tag.Constraint, constraint) });
export type Constraints = ValueOf<typeof constraints>;

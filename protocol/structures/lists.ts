import { byteString, integer, textString, type ValueOf } from "../schema/codec.js";
import { enumerationFor } from "../schema/enumeration.js";
import { repeated, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { objectNaming } from "./unique-identifier.js";

/** Asynchronous Correlation Values (KMIP 2.1 §7.1). */
export const asynchronousCorrelationValues = structure("AsynchronousCorrelationValues", {
  asynchronousCorrelationValue: repeated(Tag.AsynchronousCorrelationValue, byteString),
});

/** Objects (KMIP 2.1 §7.21). */
export const objects = structure("Objects", { uniqueIdentifier: repeated(Tag.UniqueIdentifier, objectNaming) });

/** Object Groups (KMIP 2.1 §7.23). */
export const objectGroups = structure("ObjectGroups", { objectGroup: repeated(Tag.ObjectGroup, textString) });

/** Object Types (KMIP 2.1 §7.24). */
export const objectTypes = structure("ObjectTypes", {
  objectType: repeated(Tag.ObjectType, enumerationFor(Tag.ObjectType)),
});

/** Operations (KMIP 2.1 §7.25). */
export const operations = structure("Operations", {
  operation: repeated(Tag.Operation, enumerationFor(Tag.Operation)),
});

/** Protection Storage Masks (KMIP 2.1 §7.33): alternatives, each a bit mask, best first. */
export const protectionStorageMasks = structure("ProtectionStorageMasks", {
  protectionStorageMask: repeated(Tag.ProtectionStorageMask, integer),
});
export type ProtectionStorageMasks = ValueOf<typeof protectionStorageMasks>;

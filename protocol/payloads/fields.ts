import { boolean, byteString, textString } from "../schema/codec.js";
import { type Field, optional, required } from "../schema/structure.js";
import { type ProtectionStorageMasks, protectionStorageMasks } from "../structures/lists.js";
import { objectNaming } from "../structures/unique-identifier.js";
import { Tag } from "../tags.js";
import { V1_3, V2_0 } from "../versions.js";

/** The object a request is about; where it is left out, the ID Placeholder of the batch names it (KMIP 2.1 §6). */
export const namedObject = optional(Tag.UniqueIdentifier, objectNaming);

/** The object an answer is about. */
export const answeredObject = required(Tag.UniqueIdentifier, textString);

/** Protection Storage Masks for an object to be made, under the tag that the operation gives them. */
export function storageMasks(tag: number): Field<ProtectionStorageMasks | undefined> {
  return optional(tag, protectionStorageMasks, { since: V2_0 });
}

/** Where a request stands in a cryptographic operation over several requests (KMIP 2.1 §7.8, §7.14, §7.17). */
export const streamPosition = {
  correlationValue: optional(Tag.CorrelationValue, byteString, { since: V1_3 }),
  initIndicator: optional(Tag.InitIndicator, boolean, { since: V1_3 }),
  finalIndicator: optional(Tag.FinalIndicator, boolean, { since: V1_3 }),
};

/** By what the next request goes on with a cryptographic operation over several requests (KMIP 2.1 §7.8). */
export const streamAnswer = {
  correlationValue: optional(Tag.CorrelationValue, byteString, { since: V1_3 }),
};

import type { ValueOf } from "../schema/codec.js";
import { structure } from "../schema/structure.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Archive (KMIP 2.1 §6.1.4). */
export const archiveRequest = structure("ArchiveRequest", {
  uniqueIdentifier: namedObject,
});
export type ArchiveRequest = ValueOf<typeof archiveRequest>;

/** Response of Archive. */
export const archiveResponse = structure("ArchiveResponse", {
  uniqueIdentifier: answeredObject,
});
export type ArchiveResponse = ValueOf<typeof archiveResponse>;

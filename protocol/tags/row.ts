import type { ProtocolVersion } from "../versions.js";

/** One tag: its number, its name in the specification, the first version that defines it, the last if it was removed. */
export type TagRow = readonly [tag: number, specificationName: string, since: ProtocolVersion, until?: ProtocolVersion];

/** Rows under the tag's normalised name (KMIP Additional Message Encodings 1.0 §4.1.3). */
export type TagRows = Readonly<Record<string, TagRow>>;

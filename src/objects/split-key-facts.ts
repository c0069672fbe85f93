import { type SplitKeyFacts, splitKeyFacts } from "#protocol/structures/managed-objects.js";
import { Tag } from "#protocol/tags.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V2_1 } from "#protocol/versions.js";

/** The TTLV in which the material of a Split Key keeps its parts, threshold and method (KMIP 2.1 §2.8). */
export function writeSplitKeyFacts(facts: SplitKeyFacts): Buffer {
  return encodeItem(splitKeyFacts.encode(Tag.SplitKey, facts, { version: V2_1 }));
}

/** Reads what writeSplitKeyFacts wrote. Throws a MessageError or TtlvError for anything else. */
export function readSplitKeyFacts(kept: Buffer): SplitKeyFacts {
  return splitKeyFacts.decode(decodeItem(kept), { version: V2_1 });
}

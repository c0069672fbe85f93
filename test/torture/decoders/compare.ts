import type { Item } from "#protocol/ttlv/item.js";
import { ItemType } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { formatVersion, V1_0 } from "#protocol/versions.js";
import { differences, withoutOperation } from "./differences.js";
import type { WrittenMessage } from "./messages.js";
import type { PykmipDecoder, Reading } from "./pykmip.js";

/** What came of reading messages with PyKMIP. */
export interface Comparison {
  messages: number;
  /** Read, and written again byte for byte. */
  same: number;
  /** Read, and written again without fields that PyKMIP does not know. */
  thinned: number;
  /** Not read, for a reason that is listed. */
  listed: number;
  /** Of operations that PyKMIP does not have. */
  without: number;
  /** What is not listed, with the message. */
  readonly unlisted: string[];
  /** The messages that PyKMIP has a reader for, such as `Get response`, and which of them it read whole. */
  readonly known: Set<string>;
  readonly whole: Set<string>;
}

/** Whether one is the other with some items left out of its structures. */
export function isThinned(whole: Item, thin: Item): boolean {
  if (whole.tag !== thin.tag || whole.type !== thin.type) return false;
  if (whole.type !== ItemType.Structure || thin.type !== ItemType.Structure) {
    return encodeItem(whole).equals(encodeItem(thin));
  }
  let next = 0;
  for (const item of whole.value) {
    const wanted = thin.value[next];
    if (wanted !== undefined && isThinned(item, wanted)) next += 1;
  }
  return next === thin.value.length;
}

function verdictOn(message: WrittenMessage, reading: Reading): "same" | "thinned" | "listed" | "without" | "unlisted" {
  if ("written" in reading) {
    if (reading.written.equals(message.bytes)) return "same";
    return isThinned(decodeItem(message.bytes), decodeItem(reading.written)) ? "thinned" : "unlisted";
  }
  if (withoutOperation.test(reading.complaint)) return "without";
  const name = `${message.operation} ${message.kind}`;
  const isListed = differences.some(
    ({ complaint, where, since = V1_0 }) =>
      complaint.test(reading.complaint) && message.version >= since && (where?.has(name) ?? true),
  );
  return isListed ? "listed" : "unlisted";
}

/** Has PyKMIP read messages and write them again, and holds what it writes against what it read. */
export async function compare(
  decoder: Pick<PykmipDecoder, "read">,
  messages: Iterable<WrittenMessage>,
  progress: (comparison: Comparison) => void,
): Promise<Comparison> {
  const comparison: Comparison = {
    ...{ messages: 0, same: 0, thinned: 0, listed: 0, without: 0 },
    ...{ unlisted: [], known: new Set(), whole: new Set() },
  };
  for (const message of messages) {
    const reading = await decoder.read(message.kind, message.bytes);
    const verdict = verdictOn(message, reading);
    const name = `${message.operation} ${message.kind}`;
    comparison.messages += 1;
    if (verdict !== "without") comparison.known.add(name);
    if (verdict === "same") comparison.whole.add(name);
    if (verdict === "unlisted") comparison.unlisted.push(told(message, reading));
    else comparison[verdict] += 1;
    if (comparison.messages % 2000 === 0) progress(comparison);
  }
  return comparison;
}

function told({ kind, operation, version, bytes }: WrittenMessage, reading: Reading): string {
  const what = "complaint" in reading ? reading.complaint : `it writes ${reading.written.toString("hex")}`;
  return `${operation} ${kind} of ${formatVersion(version)}: ${what}\n           ${bytes.toString("hex")}`;
}

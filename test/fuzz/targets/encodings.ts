import { EncodingError } from "#protocol/encodings/error.js";
import { jsonEncoding, type MessageEncoding, xmlEncoding } from "#protocol/encodings/message-encoding.js";
import { enumerationTables } from "#protocol/enums/index.js";
import { tagFacts, tagLabel } from "#protocol/tags.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { defaultTtlvLimits } from "#protocol/ttlv/limits.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { mutateItems } from "../mutators/items.js";
import { textMutator } from "../mutators/text.js";
import { requests } from "../seeds.js";
import { Fault, type Target } from "../target.js";

/** Words that mean something in the encodings. */
const words: readonly string[] = [
  ...Object.keys(ItemType),
  ...tagFacts.map(({ tag }) => tagLabel(tag)),
  ...enumerationTables.flatMap(({ facts }) => facts.slice(0, 3).map(({ name }) => name)),
  ...["tag", "type", "value", "name", "xmlns", "TTLV", "KMIP", "0x420001", "x540000", "0x00000001"],
];

/** The item in another encoding and back, or undefined where that encoding has no form for it. */
function through(encoding: MessageEncoding, item: Item): Item | undefined {
  try {
    return encoding.read(encoding.write(item), { ...defaultTtlvLimits, maximumBytes: 64 * 1024 * 1024 });
  } catch (error) {
    if (error instanceof EncodingError && error.code === "inexpressible") return undefined;
    throw error;
  }
}

/** What an encoding read must be a message in TTLV too, and the same after it was written and read again. */
function check(encoding: MessageEncoding, item: Item): string {
  try {
    const bytes = encodeItem(item);
    const again = through(encoding, item);
    if (again === undefined) return "read, and not to be written";
    if (!encodeItem(again).equals(bytes)) throw new Fault(`what ${encoding.name} read it writes otherwise`);
    return "read";
  } catch (error) {
    // Texts know half surrogate pairs, which have no form in UTF-8.
    if (error instanceof TtlvError && error.code === "bad-text") return "read, and no text of TTLV";
    throw error;
  }
}

function reading(encoding: MessageEncoding): (bytes: Buffer) => string {
  return (bytes) => {
    let item: Item;
    try {
      encoding.announced(bytes, defaultTtlvLimits);
      item = encoding.read(bytes, defaultTtlvLimits);
    } catch (error) {
      if (error instanceof EncodingError) return `refused: ${error.code}`;
      throw error;
    }
    return check(encoding, item);
  };
}

/** Seeds with each element on a line of its own. */
function written(encoding: MessageEncoding): readonly Buffer[] {
  return requests().flatMap((bytes) => {
    try {
      const text = encoding.write(decodeItem(bytes));
      return [encoding === jsonEncoding ? Buffer.from(JSON.stringify(JSON.parse(text.toString()), null, 1)) : text];
    } catch (error) {
      if (error instanceof EncodingError) return [];
      throw error;
    }
  });
}

function encodingTarget(encoding: MessageEncoding): Target {
  return {
    name: encoding.name.toLowerCase(),
    about: `the ${encoding.name} decoder reads or refuses with its own error, and what it reads is the same in TTLV`,
    seeds: written(encoding),
    longest: 50,
    mutate: textMutator(words),
    execute: reading(encoding),
  };
}

export const xmlTarget = (): Target => encodingTarget(xmlEncoding);
export const jsonTarget = (): Target => encodingTarget(jsonEncoding);

/** What TTLV reads, XML and JSON must carry unchanged, or say that they have no form for it. */
function differ(bytes: Buffer): string {
  let item: Item;
  try {
    item = decodeItem(bytes);
  } catch (error) {
    if (error instanceof TtlvError) return "refused by TTLV";
    throw error;
  }
  const expected = encodeItem(item);
  for (const encoding of [xmlEncoding, jsonEncoding]) {
    const again = through(encoding, item);
    if (again === undefined) return `no form in ${encoding.name}`;
    if (!encodeItem(again).equals(expected)) throw new Fault(`${encoding.name} carries another message than TTLV`);
  }
  return "the same in all three";
}

/** TTLV against XML and JSON: the same tree, the same limits. */
export function differentialTarget(): Target {
  return {
    name: "differential",
    about: "XML and JSON carry every message that TTLV carries, unchanged and within the same limits",
    seeds: requests(),
    longest: 250,
    mutate: mutateItems,
    execute: differ,
  };
}

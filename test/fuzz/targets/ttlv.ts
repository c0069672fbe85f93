import { TtlvError } from "#protocol/ttlv/error.js";
import { messageLength } from "#protocol/ttlv/header.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { mutateMostlyBytes } from "../mutators/items.js";
import { requests } from "../seeds.js";
import { Fault, type Target } from "../target.js";

/** A Big Integer may be longer than it need be; everything else has one encoding. */
function hasBigInteger({ type, value }: Item): boolean {
  return type === ItemType.Structure ? value.some(hasBigInteger) : type === ItemType.BigInteger;
}

function read(bytes: Buffer): string {
  try {
    messageLength(bytes);
    const item = decodeItem(bytes);
    const written = encodeItem(item);
    if (written.equals(bytes)) return "read";
    if (!hasBigInteger(item)) throw new Fault("what was read is written otherwise");
    if (!encodeItem(decodeItem(written)).equals(written)) throw new Fault("what was written is read otherwise");
    return "read, with a long Big Integer";
  } catch (error) {
    if (error instanceof TtlvError) return `refused: ${error.code}`;
    throw error;
  }
}

/** The TTLV codec: reads or refuses, and writes what it read byte for byte. */
export function ttlvTarget(): Target {
  return {
    name: "ttlv",
    about: "the TTLV decoder reads or refuses with its own error, and what it reads is written again as it was",
    seeds: requests(),
    longest: 50,
    mutate: mutateMostlyBytes,
    execute: read,
  };
}

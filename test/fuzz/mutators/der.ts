import type { SeededRandom } from "../random.js";
import { edges, longestInput, mutateBytes } from "./bytes.js";

/** A DER element that need not be a valid one. */
interface DerItem {
  tag: number;
  /** What stands before the items inside: the unused bits of a BIT STRING. */
  prefix: Buffer;
  content: Buffer | DerItem[];
  /** The length as it is written, header bytes and all, in the place of the true one. */
  lengthBytes?: Buffer;
}

const deepest = 40;

function readItems(bytes: Buffer, depth: number): DerItem[] | undefined {
  const items: DerItem[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, first] = [bytes[at] ?? 0, bytes[at + 1]];
    if (first === undefined || first === 0x80 || first > 0x84) return undefined;
    const lengthBytes = first < 0x80 ? 0 : first - 0x80;
    const start = at + 2 + lengthBytes;
    if (start > bytes.length) return undefined;
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
    if (start + length > bytes.length) return undefined;
    items.push(itemOf(tag, bytes.subarray(start, start + length), depth));
    at = start + length;
  }
  return items;
}

/** Constructed elements hold items, and OCTET and BIT STRINGs that read as DER do too. */
function itemOf(tag: number, content: Buffer, depth: number): DerItem {
  const prefix = tag === 0x03 ? content.subarray(0, 1) : Buffer.alloc(0);
  const inner = content.subarray(prefix.length);
  const mayHold = (tag & 0x20) !== 0 || ((tag === 0x03 || tag === 0x04) && (inner[0] ?? 0) === 0x30);
  const items = mayHold && depth < deepest ? readItems(inner, depth + 1) : undefined;
  return items === undefined ? { tag, prefix: Buffer.alloc(0), content } : { tag, prefix, content: items };
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const digits = Buffer.alloc(4);
  digits.writeUInt32BE(length);
  const significant = digits.subarray(digits.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(0x80 + significant.length), significant]);
}

/** Writes from the end to the front, where lengths are known by the time they are written. */
class BackwardWriter {
  private readonly memory = Buffer.alloc(8 * longestInput);
  private position = this.memory.length;

  /** The bytes of the items; what has no room at the front is left out. What it gives is overwritten by the next call. */
  written(items: readonly DerItem[]): Buffer {
    this.position = this.memory.length;
    this.items(items);
    return this.memory.subarray(this.position);
  }

  private items(items: readonly DerItem[]): void {
    for (let index = items.length - 1; index >= 0; index -= 1) {
      const item = items[index];
      if (item !== undefined) this.item(item);
    }
  }

  private item({ tag, prefix, content, lengthBytes }: DerItem): void {
    // The indefinite form of BER ends with two zero bytes.
    if (lengthBytes?.length === 1 && lengthBytes[0] === 0x80) this.put(endOfContents);
    const end = this.position;
    if (Buffer.isBuffer(content)) this.put(content);
    else this.items(content);
    this.put(prefix);
    this.put(lengthBytes ?? lengthOf(end - this.position));
    if (this.position > 0) {
      this.position -= 1;
      this.memory[this.position] = tag;
    }
  }

  private put(bytes: Buffer): void {
    if (bytes.length > this.position) return;
    this.position -= bytes.length;
    bytes.copy(this.memory, this.position);
  }
}

const endOfContents = Buffer.alloc(2);
const writer = new BackwardWriter();

function every(items: readonly DerItem[]): readonly DerItem[] {
  const found = [...items];
  for (const item of found) if (!Buffer.isBuffer(item.content)) for (const child of item.content) found.push(child);
  return found;
}

const copyOf = (item: DerItem): DerItem => ({
  ...item,
  content: Buffer.isBuffer(item.content) ? Buffer.from(item.content) : item.content.map(copyOf),
});

const tags = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x1f, 0x23, 0x24, 0x30, 0x31, 0x80,
  0x81, 0x82, 0x86, 0xa0, 0xa1, 0xa3, 0xff,
] as const;

/** Contents of primitive elements at the edges of what they hold. */
const contents = [
  "",
  "00",
  "80",
  "ff",
  "0000",
  "007f",
  "0080",
  "7fffffff",
  "8000000000000000",
  "ffffffffffffffffff",
  // Times: nineteen fifty, the last second, none at all, a leap second, years before there were any.
  Buffer.from("500101000000Z").toString("hex"),
  Buffer.from("99991231235959Z").toString("hex"),
  Buffer.from("00000000000000Z").toString("hex"),
  Buffer.from("00490101000000Z").toString("hex"),
  Buffer.from("20261231235960Z").toString("hex"),
  // Identifiers: basic constraints, key usage, alternative names, an arc without end, one that begins with nothing.
  "551d13",
  "551d0f",
  "551d11",
  "ffffffffffffffffffffffffff7f",
  "80551d13",
  // Names with a zero byte, a line end, a comma.
  Buffer.from("admin\0.example").toString("hex"),
  Buffer.from("a\nCN=admin,O=b").toString("hex"),
] as const;

type DerMutation = (all: readonly DerItem[], random: SeededRandom, others: readonly DerItem[]) => void;

function listIn(all: readonly DerItem[], random: SeededRandom): DerItem[] {
  const lists = all.flatMap(({ content }) => (Buffer.isBuffer(content) ? [] : [content]));
  return lists.length === 0 ? [] : random.pick(lists);
}

const mutations: readonly DerMutation[] = [
  (all, random) => {
    random.pick(all).tag = random.oneIn(3) ? random.below(256) : random.pick(tags);
  },
  (all, random) => {
    random.pick(all).content = Buffer.from(random.pick(contents), "hex");
  },
  (all, random) => {
    const { content } = random.pick(all);
    if (Buffer.isBuffer(content) && content.length > 0) {
      const at = random.below(content.length);
      content[at] = (content[at] ?? 0) ^ (1 << random.below(8));
    }
  },
  (all, random) => {
    const item = random.pick(all);
    item.content = random.bytes(random.pick([0, 1, 2, 8, 20, 64, 300, 2000]));
  },
  (all, random) => {
    const list = listIn(all, random);
    list.splice(random.below(list.length), 1);
  },
  (all, random) => {
    const list = listIn(all, random);
    if (list.length > 0) list.splice(random.below(list.length), 0, copyOf(random.pick(list)));
  },
  (all, random) => {
    const list = listIn(all, random);
    const [moved] = list.splice(random.below(list.length), 1);
    if (moved !== undefined) list.splice(random.below(list.length + 1), 0, moved);
  },
  (all, random, others) => {
    if (others.length > 0) listIn(all, random).push(copyOf(random.pick(others)));
  },
  // Lengths that are not the true ones, longer than they need be, or indefinite.
  (all, random) => {
    const digits = Buffer.alloc(4);
    digits.writeUInt32BE(random.pick(edges));
    random.pick(all).lengthBytes = Buffer.concat([Buffer.of(0x84), digits]);
  },
  (all, random) => {
    const item = random.pick(all);
    item.lengthBytes = random.pick([Buffer.of(0x80), Buffer.of(0xff), Buffer.of(0x88), Buffer.of(random.below(128))]);
  },
  (all, random) => {
    const item = random.pick(all);
    const length = writer.written([{ ...item, lengthBytes: endOfContents }]).length - 3;
    item.lengthBytes = Buffer.concat([Buffer.of(0x83, 0), lengthOf(length % 0x10000).subarray(-2)]);
  },
];

/** Mutations that make large inputs: rare ones. */
const growing: readonly DerMutation[] = [
  // An element in itself, deep.
  (all, random) => {
    const item = random.pick(all);
    const depth = random.pick([2, 15, 17, 40, 500, 3000]);
    let inner: Buffer = Buffer.from(writer.written([item]));
    for (let level = 0; level < depth && inner.length < 2 * longestInput; level += 1) {
      inner = Buffer.concat([Buffer.of(item.tag), lengthOf(inner.length), inner]);
    }
    item.content = inner;
  },
  // Many of one kind.
  (all, random) => {
    const list = listIn(all, random);
    const [first] = list;
    if (first === undefined) return;
    for (let more = random.pick([10, 101, 1000]); more > 0; more -= 1) list.push(first);
  },
];
const growOnceIn = 40;

/** Damages DER in one to four ways, element by element; now and then its bytes as well. */
export function mutateDer(input: Buffer, random: SeededRandom, other: () => Buffer): Buffer {
  const items = random.oneIn(6) ? undefined : readItems(input, 0);
  if (items === undefined || items.length === 0) return mutateBytes(input, random, other);
  const copies = items.map(copyOf);
  const others = random.oneIn(4) ? every(readItems(other(), 0) ?? []) : [];
  for (let times = 1 + random.below(4); times > 0; times -= 1) {
    const all = every(copies);
    if (all.length > 5000) break;
    random.pick(random.oneIn(growOnceIn) ? growing : mutations)(all, random, others);
  }
  const bytes = writer.written(copies);
  return bytes.length > 3 * longestInput ? bytes.subarray(0, 3 * longestInput) : bytes;
}

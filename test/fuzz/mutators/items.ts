import { Tag, tagFacts } from "#protocol/tags.js";
import type { SeededRandom } from "../random.js";
import { edges, longestInput, mutateBytes } from "./bytes.js";
import { copyOf, encodeRaw, everyItem, everyStructure, type RawItem, rawFrom } from "./raw-item.js";

/** One way to damage a message; `other` is a message to take parts from. */
type Mutation = (root: RawItem, random: SeededRandom, other: RawItem | undefined) => void;

/** An item that is no structure. */
type Value = RawItem & { content: Buffer };

const anyItem = (root: RawItem, random: SeededRandom): RawItem => random.pick(everyItem(root));

function anyValue(root: RawItem, random: SeededRandom, tag?: number): Value | undefined {
  const values = everyItem(root).filter(
    (each): each is Value => Buffer.isBuffer(each.content) && (tag === undefined || each.tag === tag),
  );
  return values.length === 0 ? undefined : random.pick(values);
}

function setInteger(item: RawItem | undefined, value: number): void {
  if (item === undefined) return;
  const content = Buffer.alloc(4);
  content.writeUInt32BE(value % 0x100000000);
  item.content = content;
}

/** A message that grew already grows no further, so that damage upon damage stays within what a client would send. */
const isLarge = (item: RawItem): boolean => everyItem(item).length > 500;

const mutations: readonly Mutation[] = [
  // A length that is not the true one.
  (root, random) => {
    anyItem(root, random).announcedLength = random.pick(edges);
  },
  (root, random) => {
    const item = anyItem(root, random);
    const length = encodeRaw(item).length - 8;
    item.announcedLength = Math.max(0, length + random.pick([-8, -4, -1, 1, 4, 8, 16]));
  },
  // Another type.
  (root, random) => {
    anyItem(root, random).type = random.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x7f, 0xff]);
  },
  // Another tag.
  (root, random) => {
    anyItem(root, random).tag = random.oneIn(3) ? random.below(0x1000000) : random.pick(tagFacts).tag;
  },
  // A field missing, doubled, moved, foreign.
  (root, random) => {
    const { content } = random.pick(everyStructure(root));
    content.splice(random.below(content.length), 1);
  },
  (root, random) => {
    const { content } = random.pick(everyStructure(root));
    if (content.length > 0) content.splice(random.below(content.length), 0, copyOf(random.pick(content)));
  },
  (root, random) => {
    const { content } = random.pick(everyStructure(root));
    const [moved] = content.splice(random.below(content.length), 1);
    if (moved !== undefined) content.splice(random.below(content.length + 1), 0, moved);
  },
  (root, random, other) => {
    const { content } = random.pick(everyStructure(root));
    if (other !== undefined) content.splice(random.below(content.length + 1), 0, copyOf(anyItem(other, random)));
  },
  // Other values.
  (root, random) => {
    const item = anyValue(root, random);
    if (item !== undefined) item.content = random.bytes(item.content.length);
  },
  (root, random) => {
    const item = anyValue(root, random);
    if (item !== undefined && item.content.length > 0) {
      const at = random.below(item.content.length);
      item.content[at] = (item.content[at] ?? 0) ^ (1 << random.below(8));
    }
  },
  (root, random) => {
    const item = anyValue(root, random);
    if (item !== undefined) item.content = random.bytes(random.pick([0, 1, 3, 4, 5, 8, 9, 64, 1000, 70_000]));
  },
  (root, random) => {
    const item = anyValue(root, random);
    if (item !== undefined && item.content.length === 4) setInteger(item, random.pick(edges));
  },
  (root, random) => {
    const item = anyValue(root, random);
    if (item?.type === 7)
      item.content = Buffer.from(random.pick(["", "\0", "\uffff", "🔑".repeat(50), "' OR 1=1 --", "../x"]));
  },
  // Padding that is not zero, or not there.
  (root, random) => {
    const item = anyValue(root, random);
    if (item !== undefined) item.padding = random.bytes(random.below(9));
  },
  // Counts and versions.
  (root, random) => setInteger(anyValue(root, random, Tag.BatchCount), random.pick(edges)),
  (root, random) => setInteger(anyValue(root, random, Tag.ProtocolVersionMajor), random.pick([0, 1, 2, 3, ...edges])),
  (root, random) =>
    setInteger(anyValue(root, random, Tag.ProtocolVersionMinor), random.pick([0, 1, 2, 3, 4, ...edges])),
];

/** Mutations that make large messages, which cost the most time: rare ones. */
const growing: readonly Mutation[] = [
  // A structure inside itself, deep.
  (root, random) => {
    if (isLarge(root)) return;
    const item = anyItem(root, random);
    const depth = random.pick([2, 8, 31, 33, 64, 1000]);
    const inner = copyOf(item);
    let nested: RawItem = inner;
    for (let level = 0; level < depth; level += 1) nested = { tag: item.tag, type: 1, content: [nested] };
    item.content = [nested];
    item.type = 1;
  },
  // Many fields.
  (root, random) => {
    const { content } = random.pick(everyStructure(root));
    const first = content[0];
    if (first === undefined || isLarge(root)) return;
    const many = isLarge(first) ? 10 : random.pick([10, 100, 2000]);
    for (let more = many; more > 0; more -= 1) content.push(copyOf(first));
  },
];
const growOnceIn = 40;

/** Whether a mutation of structures finds one. */
const hasStructure = (root: RawItem): boolean => !Buffer.isBuffer(root.content);

/**
 * Damages a message in TTLV in one to four ways, item by item; now and then its bytes as well. What is no message any
 * more is damaged byte by byte.
 */
export function mutateItems(input: Buffer, random: SeededRandom, other: () => Buffer): Buffer {
  const root = random.oneIn(8) ? undefined : rawFrom(input);
  if (root === undefined || !hasStructure(root)) return mutateBytes(input, random, other);
  const second = random.oneIn(4) ? rawFrom(other()) : undefined;
  for (let times = 1 + random.below(4); times > 0; times -= 1) {
    random.pick(random.oneIn(growOnceIn) ? growing : mutations)(root, random, second);
    if (!hasStructure(root)) break;
  }
  const bytes = encodeRaw(root);
  return bytes.length > longestInput && !random.oneIn(100) ? bytes.subarray(0, longestInput) : bytes;
}

/** As `mutateItems`, with bytes damaged mostly: what is cheap is done more often. */
export function mutateMostlyBytes(input: Buffer, random: SeededRandom, other: () => Buffer): Buffer {
  return (random.oneIn(8) ? mutateItems : mutateBytes)(input, random, other);
}

/** Values of each length that an item of a type may have, as the codec takes them. */
const fittingLengths: Readonly<Record<number, readonly number[]>> = {
  2: [4],
  3: [8],
  4: [8, 16, 128, 256],
  5: [4],
  8: [0, 1, 8, 12, 16, 24, 32, 64, 256, 1000],
  9: [8],
  10: [4],
  11: [8],
};

const oddTexts = [
  "",
  "0",
  "\0",
  "x-",
  "y-",
  "\uffff",
  "🔑".repeat(50),
  "' OR 1=1 --",
  "../x",
  "a".repeat(300),
] as const;

function setFitting(item: Value, random: SeededRandom): void {
  if (item.type === 6) item.content = Buffer.of(0, 0, 0, 0, 0, 0, 0, random.below(2));
  else if (item.type === 7) item.content = Buffer.from(random.pick(oddTexts));
  else {
    const length = random.pick(fittingLengths[item.type] ?? [item.content.length]);
    const bytes = random.oneIn(2) ? random.bytes(length) : Buffer.alloc(length);
    if (length >= 4 && random.oneIn(2)) bytes.writeUInt32BE(random.pick(edges), length - 4);
    if (item.type === 5 && random.oneIn(2)) bytes.writeUInt32BE(1 + random.below(40));
    item.content = bytes;
  }
}

/** A structure behind the header of a message; the message itself where there is none. */
function behindHeader(root: RawItem, random: SeededRandom): RawItem {
  const behind = Buffer.isBuffer(root.content) ? [] : root.content.slice(1);
  const parts = behind.filter(hasStructure);
  return parts.length === 0 ? root : random.pick(parts);
}

/** Changes that leave a message well-formed: the codec takes it, and what stands behind the codec sees it. */
const meanings: readonly Mutation[] = [
  (root, random) => {
    const item = anyValue(behindHeader(root, random), random);
    if (item !== undefined) setFitting(item, random);
  },
  (root, random) => {
    const item = anyValue(behindHeader(root, random), random);
    if (item?.type === 2 || item?.type === 5) setInteger(item, random.pick(edges));
  },
  (root, random) => {
    const { content } = random.pick(everyStructure(behindHeader(root, random)));
    if (content.length > 1) content.splice(random.below(content.length), 1);
  },
  (root, random) => {
    const { content } = random.pick(everyStructure(behindHeader(root, random)));
    if (content.length > 0) content.splice(random.below(content.length), 0, copyOf(random.pick(content)));
  },
  // A field of another message in the place of the one of its tag, or beside the others.
  (root, random, other) => {
    if (other === undefined) return;
    const taken = copyOf(anyItem(other, random));
    const lists = everyStructure(behindHeader(root, random));
    const { content } = lists.find((each) => each.content.some(({ tag }) => tag === taken.tag)) ?? random.pick(lists);
    const at = content.findIndex(({ tag }) => tag === taken.tag);
    if (at >= 0) content[at] = taken;
    else content.push(taken);
  },
  // A batch item of another message behind those of this one.
  (root, random, other) => {
    if (other === undefined || Buffer.isBuffer(root.content) || Buffer.isBuffer(other.content)) return;
    const items = other.content.filter(({ tag }) => tag === Tag.BatchItem);
    if (items.length === 0) return;
    root.content.push(copyOf(random.pick(items)));
    const count = everyItem(root).find(({ tag }) => tag === Tag.BatchCount);
    setInteger(count, root.content.filter(({ tag }) => tag === Tag.BatchItem).length);
  },
];

/** As `mutateItems`, but most of the damage leaves the message well-formed. */
export function mutateMeaning(input: Buffer, random: SeededRandom, other: () => Buffer): Buffer {
  const root = random.oneIn(6) ? undefined : rawFrom(input);
  if (root === undefined || !hasStructure(root)) return mutateItems(input, random, other);
  const second = random.oneIn(2) ? rawFrom(other()) : undefined;
  for (let times = 1 + random.below(3); times > 0; times -= 1) random.pick(meanings)(root, random, second);
  const bytes = encodeRaw(root);
  return bytes.length > longestInput && !random.oneIn(100) ? bytes.subarray(0, longestInput) : bytes;
}

import { Tag, tagFacts } from "#protocol/tags.js";
import type { SeededRandom } from "./random.js";
import { copyOf, encodeRaw, everyItem, everyStructure, type RawItem } from "./raw-item.js";

/** One way to damage a message; `others` are messages to take parts from. */
type Mutation = (root: RawItem, random: SeededRandom, others: readonly RawItem[]) => void;

/** Numbers at the edges of what fields can hold. */
const edges = [0, 1, 2, 7, 8, 9, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff];

const anyItem = (root: RawItem, random: SeededRandom): RawItem => random.pick(everyItem(root));

function anyValue(root: RawItem, random: SeededRandom, tag?: number): (RawItem & { content: Buffer }) | undefined {
  const values = everyItem(root).filter(
    (each): each is RawItem & { content: Buffer } =>
      Buffer.isBuffer(each.content) && (tag === undefined || each.tag === tag),
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
  (root, random, others) => {
    const { content } = random.pick(everyStructure(root));
    content.splice(random.below(content.length + 1), 0, copyOf(anyItem(random.pick(others), random)));
  },
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

const byteMutations: readonly ((bytes: Buffer, random: SeededRandom) => Buffer)[] = [
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => Buffer.concat([bytes, random.bytes(random.pick([1, 7, 8, 64]))]),
  (bytes, random) => {
    const damaged = Buffer.from(bytes);
    for (let times = 1 + random.below(8); times > 0; times -= 1) {
      damaged[random.below(damaged.length)] = random.below(256);
    }
    return damaged;
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(16))]);
  },
  (_bytes, random) => random.bytes(random.below(200)),
];

/** Damages a message in one to four ways; now and then its bytes as well. */
export function mutate(seed: RawItem, random: SeededRandom, others: readonly RawItem[]): Buffer {
  const root = copyOf(seed);
  for (let times = 1 + random.below(4); times > 0; times -= 1) random.pick(mutations)(root, random, others);
  const bytes = encodeRaw(root);
  return random.oneIn(6) && bytes.length > 0 ? random.pick(byteMutations)(bytes, random) : bytes;
}

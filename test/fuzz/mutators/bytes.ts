import type { SeededRandom } from "../random.js";

/** Numbers at the edges of what fields can hold. */
export const edges = [
  0, 1, 2, 7, 8, 9, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff8,
  0xffffffff,
] as const;

/** No input grows beyond this by ordinary damage; a rare one is blown up to find what costs more than it should. */
export const longestInput = 32 * 1024;
const blownUp = 900 * 1024;
const blowUpOnceIn = 20_000;

/** Where bytes are damaged, in place: millions of inputs a minute leave no garbage behind. */
class Workbench {
  private readonly memory = Buffer.alloc(longestInput);
  private length = 0;

  lay(input: Buffer): void {
    this.length = input.copy(this.memory, 0, 0, longestInput);
  }

  get bytes(): Buffer {
    return this.memory.subarray(0, this.length);
  }

  flip(random: SeededRandom): void {
    const at = random.below(this.length);
    this.memory[at] = (this.memory[at] ?? 0) ^ (1 << random.below(8));
  }

  set(random: SeededRandom): void {
    this.memory[random.below(this.length)] = random.below(256);
  }

  add(random: SeededRandom): void {
    const at = random.below(this.length);
    this.memory[at] = (this.memory[at] ?? 0) + random.pick([-16, -8, -1, 1, 8, 16]);
  }

  edge(random: SeededRandom): void {
    const width = random.pick([1, 2, 4]);
    if (this.length < width) return;
    const value = random.pick(edges) % 2 ** (8 * width);
    this.memory.writeUIntBE(value, random.below(this.length - width + 1), width);
  }

  truncate(random: SeededRandom): void {
    this.length = random.below(this.length + 1);
  }

  remove(random: SeededRandom): void {
    const at = random.below(this.length);
    const removed = Math.min(this.length - at, 1 + random.below(16));
    this.memory.copyWithin(at, at + removed, this.length);
    this.length -= removed;
  }

  insertRandom(random: SeededRandom): void {
    const added = random.pick([1, 4, 7, 8, 16]);
    const at = this.gap(random.below(this.length + 1), added);
    for (let index = at; index < Math.min(this.length, at + added); index += 1) this.memory[index] = random.below(256);
  }

  insertFrom(source: Buffer, random: SeededRandom): void {
    const start = random.below(source.length);
    const added = Math.min(source.length - start, 1 + random.below(random.oneIn(8) ? 1024 : 32));
    const at = this.gap(random.below(this.length + 1), added);
    source.copy(this.memory, at, start, start + Math.min(added, longestInput - at));
  }

  overwriteFrom(source: Buffer, random: SeededRandom): void {
    const start = random.below(source.length);
    source.copy(this.memory, random.below(this.length), start, start + 1 + random.below(32));
  }

  cross(source: Buffer, random: SeededRandom): void {
    const at = random.below(this.length + 1);
    this.length = at + source.copy(this.memory, at, random.below(source.length), source.length);
  }

  /** Makes room; gives where. */
  private gap(at: number, added: number): number {
    this.memory.copyWithin(at + added, at, this.length);
    this.length = Math.min(longestInput, this.length + added);
    return at;
  }
}

const bench = new Workbench();

type ByteMutation = (random: SeededRandom, input: Buffer, other: () => Buffer) => void;

const mutations: readonly ByteMutation[] = [
  (random) => bench.flip(random),
  (random) => bench.set(random),
  (random) => bench.add(random),
  (random) => bench.edge(random),
  (random) => bench.edge(random),
  (random) => bench.truncate(random),
  (random) => bench.remove(random),
  (random) => bench.insertRandom(random),
  (random, input) => bench.insertFrom(input, random),
  (random, input) => bench.overwriteFrom(input, random),
  (random, _input, other) => bench.insertFrom(other(), random),
  (random, _input, other) => bench.overwriteFrom(other(), random),
  (random, _input, other) => bench.cross(other(), random),
];

/** One piece of the bytes, so often that they come to just under a megabyte. */
function inflated(bytes: Buffer, random: SeededRandom): Buffer {
  const start = random.below(bytes.length);
  const repeated = bytes.subarray(start, start + 1 + random.below(64));
  const times = Math.max(1, Math.floor(blownUp / Math.max(1, repeated.length)));
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(times * repeated.length, repeated), bytes.subarray(at)]);
}

/**
 * Damages bytes in one to eight ways, without regard to what they mean. What it gives is overwritten by the next call.
 */
export function mutateBytes(input: Buffer, random: SeededRandom, other: () => Buffer): Buffer {
  if (random.oneIn(blowUpOnceIn)) return inflated(input, random);
  bench.lay(input);
  const most = random.pick([1, 2, 4, 8]);
  for (let times = 1 + random.below(most); times > 0; times -= 1) random.pick(mutations)(random, input, other);
  return bench.bytes;
}

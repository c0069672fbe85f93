import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SeededRandom } from "./random.js";

const folder = join(import.meta.dirname, "../../../test/fuzz/corpus");

/** The longest input that is kept in the project, and how much of one target is. */
const longestKept = 4096;
const mostKeptBytes = 24 * 1024;

function fileOf(target: string): string {
  return join(folder, `${target}.hex`);
}

/** The inputs of earlier runs that stand in the project: one a line, in hexadecimal. */
export function keptInputs(target: string): readonly Buffer[] {
  const file = fileOf(target);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => Buffer.from(line, "hex"));
}

/** Replaces what stands in the project for a target; gives how many inputs there was room for. */
export function keepInputs(target: string, inputs: readonly Buffer[]): number {
  let left = mostKeptBytes;
  const kept = inputs.filter(({ length }) => {
    if (length > longestKept || length > left) return false;
    left -= length;
    return true;
  });
  writeFileSync(fileOf(target), kept.map((input) => `${input.toString("hex")}\n`).join(""));
  return kept.length;
}

/** Inputs to damage: those that reached something new. */
export class Corpus {
  private readonly inputs: Buffer[] = [];

  get size(): number {
    return this.inputs.length;
  }

  get all(): readonly Buffer[] {
    return this.inputs;
  }

  get bytes(): number {
    return this.inputs.reduce((sum, { length }) => sum + length, 0);
  }

  add(input: Buffer): void {
    this.inputs.push(Buffer.from(input));
  }

  /** The shorter of two: of all, and half of the time of the newest, for those reached what has been tried least. */
  pick(random: SeededRandom): Buffer {
    const { length } = this.inputs;
    const span = random.oneIn(2) ? length : Math.min(length, Math.max(8, Math.floor(length / 8)));
    const one = this.inputs[length - 1 - random.below(span)] ?? Buffer.alloc(0);
    const other = this.inputs[length - 1 - random.below(span)] ?? one;
    return one.length <= other.length ? one : other;
  }
}

/** The fewest inputs, short ones first, that together reach all that all of them reach. */
export function minimised(
  inputs: readonly Buffer[],
  traceOf: ReadonlyMap<Buffer, readonly number[]>,
): readonly Buffer[] {
  const covered = new Set<number>();
  const kept: Buffer[] = [];
  const ordered = [...inputs].sort((one, other) => one.length - other.length);
  for (const input of ordered) {
    const trace = traceOf.get(input) ?? [];
    if (trace.every((point) => covered.has(point))) continue;
    for (const point of trace) covered.add(point);
    kept.push(input);
  }
  return kept;
}

import type { SeededRandom } from "../random.js";
import { longestInput, mutateBytes } from "./bytes.js";

/** Values at the edges of what texts hold. */
const edgeTexts = [
  "",
  "0",
  "-1",
  "0x",
  "0xffffffff",
  "0x8000000000000000",
  "2147483648",
  "-9223372036854775809",
  "1e400",
  "NaN",
  "true",
  "\0",
  "\ufeff",
  "\ud800",
  "&amp;",
  "&#0;",
  "]]>",
  "__proto__",
  "2100-02-29T24:00:60Z",
  "0000-00-00T00:00:00Z",
  "🔑".repeat(50),
] as const;

type TextMutation = (lines: string[], random: SeededRandom, other: readonly string[], words: readonly string[]) => void;

/** A line with all lines behind it that stand deeper: what most notations make of one element. */
function blockAt(lines: readonly string[], at: number): number {
  const depth = (lines[at] ?? "").search(/\S|$/);
  let end = at + 1;
  while (end < lines.length && (lines[end] ?? "").search(/\S|$/) > depth) end += 1;
  const closes = /^\s*(<\/|[\]}])/.test(lines[end] ?? "");
  return closes ? end + 1 - at : end - at;
}

function replaceIn(lines: string[], random: SeededRandom, pattern: RegExp, text: string): void {
  const at = random.below(lines.length);
  const line = lines[at] ?? "";
  const found = [...line.matchAll(pattern)];
  if (found.length === 0) return;
  const { 0: old, index } = random.pick(found);
  lines[at] = line.slice(0, index) + text + line.slice(index + old.length);
}

/** What is deeper or more than any real text has. */
const manyTimes = [2, 31, 33, 70, 1000] as const;

const mutations: readonly TextMutation[] = [
  (lines, random, _other, words) =>
    replaceIn(lines, random, /(?<=")[^"]*(?=")/g, random.pick(random.oneIn(2) ? words : edgeTexts)),
  (lines, random) => replaceIn(lines, random, /-?\d+/g, random.pick(edgeTexts)),
  (lines, random, _other, words) => replaceIn(lines, random, /[A-Za-z_]+/g, random.pick(words)),
  (lines, random) => replaceIn(lines, random, /[^A-Za-z0-9]/g, random.pick([...`<>"'&/={}[]:,|\\ \t-#`])),
  (lines, random) => {
    const at = random.below(lines.length);
    lines.splice(at, random.oneIn(2) ? 1 : blockAt(lines, at));
  },
  (lines, random) => {
    const at = random.below(lines.length);
    const block = lines.slice(at, at + blockAt(lines, at));
    lines.splice(at, 0, ...block);
  },
  (lines, random, other) => {
    if (other.length === 0) return;
    const from = random.below(other.length);
    lines.splice(random.below(lines.length + 1), 0, ...other.slice(from, from + blockAt(other, from)));
  },
  (lines, random) => {
    const at = random.below(lines.length);
    const moved = lines.splice(at, blockAt(lines, at));
    lines.splice(random.below(lines.length + 1), 0, ...moved);
  },
  // An element in itself, deep.
  (lines, random) => {
    const at = random.below(lines.length);
    const head = lines[at] ?? "";
    lines.splice(at, 0, ...Array.from({ length: random.pick(manyTimes) }, (_, depth) => " ".repeat(depth) + head));
  },
  // The same line many times.
  (lines, random) => {
    const at = random.below(lines.length);
    lines.splice(at, 0, ...Array.from({ length: random.pick(manyTimes) }, () => lines[at] ?? ""));
  },
];

/** Damages a text in one to four ways, line by line and word by word; now and then its bytes as well. */
export function textMutator(words: readonly string[]) {
  return (input: Buffer, random: SeededRandom, other: () => Buffer): Buffer => {
    if (random.oneIn(6)) return mutateBytes(input, random, other);
    const lines = input.toString("utf8").split("\n");
    const others = other().toString("utf8").split("\n");
    for (let times = 1 + random.below(4); times > 0; times -= 1) random.pick(mutations)(lines, random, others, words);
    const text = Buffer.from(lines.join("\n"));
    return text.length > longestInput && !random.oneIn(500) ? text.subarray(0, longestInput) : text;
  };
}

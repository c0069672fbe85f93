import type { Colour } from "./colours.js";
import { coloured } from "./colours.js";

/** The option of commands whose output programs read. */
export const jsonOption = ["--json", "print JSON instead of text"] as const;

/** Writes to standard output, and waits where its reader is slow. */
export async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once("drain", resolve));
}

/** Writes a value as JSON. */
export function printJson(value: unknown): Promise<void> {
  return print(`${JSON.stringify(value, null, 2)}\n`);
}

/** Words that are shown in colour wherever they fill a cell. */
const colours: Readonly<Record<string, Colour>> = {
  active: "green",
  success: "green",
  whole: "green",
  well: "green",
  suspended: "yellow",
  revoked: "red",
  failure: "red",
  broken: "red",
};

/** Writes rows under their headings, or a sentence where there are none. */
export async function printTable(
  headings: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  none: string,
): Promise<void> {
  if (rows.length === 0) return print(`${none}\n`);
  const { default: Table } = await import("cli-table3");
  const table = new Table({ head: headings.map((heading) => coloured(heading, "bold")), chars: plain, style });
  for (const row of rows) table.push(row.map(cell));
  // Cells are filled up to the width of their column; the last one needs that no more than a file that is piped on.
  await print(`${table.toString().replace(/ +$/gm, "")}\n`);
}

/** Writes facts, one a line, their names in one column. */
export async function printFacts(facts: readonly (readonly [string, string | number | null])[]): Promise<void> {
  const width = Math.max(...facts.map(([name]) => name.length));
  await print(facts.map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${cell(value)}\n`).join(""));
}

function cell(value: string | number | null): string {
  const text = printable(String(value ?? "-"));
  const colour = colours[text];
  return colour === undefined ? text : coloured(text, colour);
}

/** Text without control characters: escape sequences in a name must not reach the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}

const style = { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true };

/** No lines around cells. */
const plain = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { sameSecret } from "#src/secrecy/same-secret.js";
import { promptHidden } from "./prompt.js";

/** Where the value of a secret comes from; one of them at most. */
export interface ValueOptions {
  readonly file?: string;
  readonly random?: number;
  readonly trimNewline?: boolean;
}

/** The most bytes that a secret may have. */
export const maximumSecretBytes = 65_536;

/** The option for a random value. */
export const randomOption = ["--random <bytes>", "make a random value of so many bytes"] as const;

/** The option for a file. */
export const fileOption = ["--file <file>", "the file that holds the value; - is standard input"] as const;

/** The option for values that editors and echo end with a line feed. */
export const trimOption = ["--trim-newline", "leave off one line feed at the end of the value"] as const;

/**
 * The value that a command was given: random, from a file, from standard input, or, where a terminal is there, asked
 * for twice without showing it. Rejects where there is none.
 */
export async function readValue(command: Command, { file, random, trimNewline }: ValueOptions): Promise<Buffer> {
  if (file !== undefined && random !== undefined) command.error("error: give one of --file and --random");
  if (random !== undefined) return randomBytes(random);
  const isTyped = file === undefined && process.stdin.isTTY === true;
  const read = isTyped ? await typedTwice() : await readAll(file);
  const value = trimNewline === true ? withoutNewline(read) : read;
  if (value.length === 0) throw new Error("the value is empty");
  if (value.length > maximumSecretBytes) throw new Error(`the value has more than ${maximumSecretBytes} bytes`);
  if (value.at(-1) === lineFeed) {
    process.stderr.write("keyreeve: the value ends with a line feed, which is part of it (see --trim-newline)\n");
  }
  return value;
}

const lineFeed = 0x0a;

function withoutNewline(value: Buffer): Buffer {
  return value.at(-1) === lineFeed ? value.subarray(0, -1) : value;
}

async function readAll(file: string | undefined): Promise<Buffer> {
  if (file !== undefined && file !== "-") return readFile(file);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maximumSecretBytes + 1) break;
  }
  return Buffer.concat(chunks);
}

async function typedTwice(): Promise<Buffer> {
  const value = await promptHidden("Value: ");
  if (!sameSecret(await promptHidden("Again: "), value)) throw new Error("the two values differ; nothing was stored");
  return value;
}

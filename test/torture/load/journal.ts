/** The journal of a load client: what it sent and what became of it, on disk before the client goes on. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Given, Got, MoveName } from "./key-facts.js";

/** A request that is about to be sent. */
export interface SentLine {
  readonly line: "sent";
  /** Unique; the Client Correlation Value of the request, by which its audit record is found. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly tenant: string;
  /** The Name of the key, unique in its tenant. */
  readonly key: string;
  readonly move: MoveName;
  readonly given: Given;
}

/** What became of a request. */
export interface EndedLine {
  readonly line: "ended";
  readonly id: string;
  readonly at: number;
  /** `unknown`: no answer came, or it said that the server does not know. */
  readonly outcome: "acknowledged" | "refused" | "unknown";
  /** Result Reason and message, or why no answer came; null where it was acknowledged. */
  readonly reason: string | null;
  readonly got: Got;
  /** What was wrong with the answer itself: a value of another key, an object of another tenant. */
  readonly wrong?: string;
}

export type JournalLine = SentLine | EndedLine;

const suffix = ".journal";

/** One client's journal, in a file that no server writes to. */
export class Journal {
  private readonly file: FileHandle;

  private constructor(file: FileHandle) {
    this.file = file;
  }

  /** Begins the journal of a client. */
  static async begin(folder: string, client: string): Promise<Journal> {
    return new Journal(await open(join(folder, `${client}${suffix}`), "ax", 0o600));
  }

  /** Writes a line; it is on disk when this resolves. */
  async write(line: JournalLine): Promise<void> {
    await this.file.appendFile(`${JSON.stringify(line)}\n`);
    await this.file.datasync();
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** How far each journal of a folder reaches, in bytes by file. */
export type JournalMark = ReadonlyMap<string, number>;

/** The journals of a folder as they are now. */
export function markJournals(folder: string): JournalMark {
  const files = readdirSync(folder).filter((name) => name.endsWith(suffix));
  return new Map(files.map((name) => [name, sizeOf(join(folder, name))]));
}

function sizeOf(path: string): number {
  const file = openSync(path, "r");
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

/** Reads what stands in a journal between two places, whole lines only, and gives where it stopped. */
export function readJournal(path: string, from: number, to: number): { lines: readonly JournalLine[]; end: number } {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  const file = openSync(path, "r");
  try {
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(file, bytes, read, bytes.length - read, from + read);
      if (count === 0) break;
      read += count;
    }
    const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a, read - 1) + 1);
    const lines = whole.toString("utf8").split("\n").slice(0, -1);
    return { lines: lines.map((line) => JSON.parse(line) as JournalLine), end: from + whole.length };
  } finally {
    closeSync(file);
  }
}

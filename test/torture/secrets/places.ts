import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Needle } from "./forms.js";

/** Bytes looked at at once. */
const blockSize = 32 * 1024 * 1024;

/** A secret found. */
export interface Found {
  readonly needle: string;
  readonly place: string;
}

/** What was looked through. */
export interface Looked {
  readonly found: readonly Found[];
  readonly bytes: number;
}

export const nothing: Looked = { found: [], bytes: 0 };

/** Several looks as one. */
export function together(looks: readonly Looked[]): Looked {
  return { found: looks.flatMap(({ found }) => found), bytes: looks.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Which needles stand in bytes. */
export function inBytes(place: string, bytes: Buffer, needles: readonly Needle[]): Looked {
  const found = needles.filter((needle) => bytes.includes(needle.bytes)).map(({ name }) => ({ needle: name, place }));
  return { found, bytes: bytes.length };
}

/** Looks through a range that `read` reads, block by block with an overlap of the longest needle. */
function inRange(
  place: string,
  needles: readonly Needle[],
  read: (into: Buffer, at: bigint) => number,
  from = 0n,
  to: bigint | null = null,
): Looked {
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length)) - 1;
  const looks: Looked[] = [];
  const block = Buffer.alloc(blockSize);
  for (let at = from; to === null || at < to; ) {
    const most = to === null ? blockSize : Number(to - at < BigInt(blockSize) ? to - at : BigInt(blockSize));
    const count = read(block.subarray(0, most), at);
    if (count <= 0) break;
    looks.push(inBytes(place, block.subarray(0, count), needles));
    if (count <= overlap) break;
    at += BigInt(count - overlap);
    if (to !== null && at + BigInt(overlap) >= to) break;
  }
  return together(looks);
}

/** One file. One that is gone meanwhile holds nothing. */
export function inFile(path: string, needles: readonly Needle[]): Looked {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return nothing;
    throw error;
  }
  try {
    return inRange(path, needles, (into, at) => readSync(file, into, 0, into.length, at));
  } finally {
    closeSync(file);
  }
}

/** Every file below a folder. */
export function inFolder(folder: string, needles: readonly Needle[]): Looked {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return together(files.map((entry) => inFile(join(entry.parentPath, entry.name), needles)));
}

/** All memory of a process that may be written to. Pages that are gone meanwhile hold nothing. */
export function inMemory(processId: number, needles: readonly Needle[]): Looked {
  const memory = openSync(`/proc/${processId}/mem`, "r");
  const read = (into: Buffer, at: bigint): number => {
    try {
      return readSync(memory, into, 0, into.length, at);
    } catch {
      // A range that the process has given back since its list was read.
      return 0;
    }
  };
  try {
    const looks = readFileSync(`/proc/${processId}/maps`, "utf8")
      .split("\n")
      .flatMap((line) => {
        const [range = "", access = "", , , , name = ""] = line.split(/\s+/);
        if (!access.startsWith("rw") || name.startsWith("[v")) return [];
        const [from = 0n, to = 0n] = range.split("-").map((digits) => BigInt(`0x${digits}`));
        return [inRange(`memory ${range} ${name}`, needles, read, from, to)];
      });
    return together(looks);
  } finally {
    closeSync(memory);
  }
}

/** Longest time that a core may take, in milliseconds: all memory of a server is some gigabytes. */
const coreWithin = 400_000;

/**
 * A core of a process, taken by gdb. `whole` takes all memory, also what the process keeps out of its cores. Where none
 * could be taken, why.
 */
export function inCore(processId: number, folder: string, needles: readonly Needle[], whole: boolean): Looked | string {
  const path = join(folder, `core-${whole ? "whole" : "usual"}`);
  const command = whole ? ["-ex", "set use-coredump-filter off"] : [];
  const taken = spawnSync(
    "gdb",
    ["--batch", "--nx", ...command, "-p", `${processId}`, "-ex", `generate-core-file ${path}`, "-ex", "detach"],
    { encoding: "utf8", timeout: coreWithin },
  );
  if (taken.error !== undefined) {
    const isMissing = "code" in taken.error && taken.error.code === "ENOENT";
    if (!isMissing) rmSync(path, { force: true });
    return isMissing ? "gdb is not installed: sudo apt-get install gdb, or --no-core" : `gdb: ${taken.error.message}`;
  }
  try {
    const looked = inFile(path, needles);
    if (looked.bytes === 0) throw new Error(`gdb made no core: ${taken.stderr}`);
    return looked;
  } finally {
    rmSync(path, { force: true });
  }
}

/** The HSM worker processes of a server. */
export function workersOf(processId: number): readonly number[] {
  const children = readFileSync(`/proc/${processId}/task/${processId}/children`, "utf8");
  return children
    .split(" ")
    .filter((text) => text.trim() !== "")
    .map(Number)
    .filter(isWorker);
}

function isWorker(processId: number): boolean {
  return readFileSync(`/proc/${processId}/cmdline`, "utf8").includes("pkcs11/worker/main.js");
}

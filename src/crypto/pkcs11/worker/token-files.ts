import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import type { TokenRemnant } from "../../port.js";
import { WorkerFailure } from "./errors.js";
import { awaitingDisk, noteFault } from "./notes.js";
import { readObjectFile } from "./object-file.js";

const TOKEN_FILE = "token.object";
const OBJECT_SUFFIX = ".object";
const GENERATION_FILE = "generation";
const COPIES = "copies";
const GENERATION_LENGTH = 8;

/** With less room than this on the disk, a key that could not be made could not be made for want of it. Bytes. */
const ROOM_FOR_A_KEY = 64 * 1024;

/** Writes a file or a folder's entries through to the disk. */
export function makeDurable(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What a file holds; null where it is gone. */
function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Whether two token files differ in nothing but the generation at their head, which every login counts up. */
function sameToken(one: Buffer, other: Buffer): boolean {
  return one.subarray(GENERATION_LENGTH).equals(other.subarray(GENERATION_LENGTH));
}

/** The files in which a module keeps a partition's token, and which it does not write through to the disk itself. */
export class TokenFiles {
  readonly #tokens: string;
  readonly #copies: string;

  /** `folder` holds `tokens/`, the module's own, and `copies/`, ours. */
  constructor(folder: string) {
    this.#tokens = join(folder, "tokens");
    this.#copies = join(folder, COPIES);
  }

  #tokenFolders(): string[] {
    return readdirSync(this.#tokens, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  }

  /**
   * Puts back a token file that a crash in C_Login has left empty or cut short: the module truncates the file and
   * writes it anew at every login, and it holds the token's master key. To be called before the module is initialised.
   */
  restoreTokenFile(): void {
    if (!existsSync(this.#tokens)) {
      const fault = "token-missing";
      throw new WorkerFailure("unavailable", "the folder of the token is missing", { restart: true, fault });
    }
    for (const name of this.#tokenFolders()) {
      const file = join(this.#tokens, name, TOKEN_FILE);
      const copy = join(this.#copies, `${name}.${TOKEN_FILE}`);
      const size = existsSync(file) ? statSync(file).size : 0;
      if (existsSync(copy) && size < statSync(copy).size) {
        copyFileSync(copy, file);
        makeDurable(file);
        makeDurable(dirname(file));
        noteFault({ fault: "token-restored", message: `the token file had ${size} bytes`, retried: true });
      }
    }
  }

  /** Makes the token file durable and keeps a copy of it. To be called after a login or a change of a PIN. */
  keepTokenFile(): void {
    mkdirSync(this.#copies, { recursive: true, mode: 0o700 });
    for (const name of this.#tokenFolders()) {
      const file = join(this.#tokens, name, TOKEN_FILE);
      const copy = join(this.#copies, `${name}.${TOKEN_FILE}`);
      makeDurable(file);
      if (statSync(file).size === 0 || (existsSync(copy) && sameToken(readFileSync(file), readFileSync(copy)))) {
        continue;
      }
      copyFileSync(file, `${copy}.new`);
      makeDurable(`${copy}.new`);
      renameSync(`${copy}.new`, copy);
      makeDurable(this.#copies);
    }
  }

  /** Whether the disk has no room for another key. */
  get full(): boolean {
    const { bavail, bsize } = statfsSync(this.#tokens);
    return bavail * bsize < ROOM_FOR_A_KEY;
  }

  /** Whether its file system takes writes. */
  get writable(): boolean {
    try {
      accessSync(this.#tokens, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  }

  /** Paths of the key objects there are. */
  objects(): Set<string> {
    const paths = new Set<string>();
    for (const name of this.#tokenFolders()) {
      for (const file of readdirSync(join(this.#tokens, name))) {
        if (file.endsWith(OBJECT_SUFFIX) && file !== TOKEN_FILE) {
          paths.add(join(this.#tokens, name, file));
        }
      }
    }
    return paths;
  }

  /**
   * Counts up the number by which SoftHSM sees that another process has changed something, so that it reads all objects
   * anew. A process that counts it up itself takes the changes of others before that for seen.
   */
  touch(): void {
    for (const name of this.#tokenFolders()) {
      const path = join(this.#tokens, name, GENERATION_FILE);
      const number = readIfThere(path);
      if (number?.length !== GENERATION_LENGTH) continue;
      number.writeBigUInt64BE(BigInt.asUintN(64, number.readBigUInt64BE() + 1n));
      const descriptor = openSync(path, "r+");
      try {
        writeSync(descriptor, number, 0, GENERATION_LENGTH, 0);
      } finally {
        closeSync(descriptor);
      }
    }
  }

  /**
   * Makes objects durable that came into being since `before`, and proves that `count` of them are complete on disk:
   * the module answers that it made a key even where it could not write it. Throws
   * `token-full` or `device-error` where they are not.
   */
  settle(before: ReadonlySet<string>, count: number): void {
    const complete = awaitingDisk(() => {
      const made = [...this.objects()].filter((path) => !before.has(path));
      made.forEach(makeDurable);
      this.#makeFoldersDurable();
      return made.filter((path) => readObjectFile(readFileSync(path)).complete).length;
    });
    if (complete < count) {
      if (this.full) throw new WorkerFailure("token-full", "the disk of the token has no room for another key");
      const fault = "key-not-written";
      throw new WorkerFailure("device-error", "the token did not write the key to its folder", { fault });
    }
  }

  /** Objects that are none: what a crash left of keys that were being made, and keys that are being made now. */
  remnants(): readonly TokenRemnant[] {
    return [...this.objects()].flatMap((path) => {
      const content = readIfThere(path);
      if (content === null || !readObjectFile(content).remnant) return [];
      const state = statSync(path, { throwIfNoEntry: false });
      return state === undefined ? [] : [{ name: relative(this.#tokens, path), modifiedMs: state.mtimeMs }];
    });
  }

  /** Removes an object that is none, with its lock; any other is left alone. */
  removeRemnant(name: string): void {
    if (!this.remnants().some((remnant) => remnant.name === name)) return;
    const path = join(this.#tokens, name);
    rmSync(path);
    rmSync(path.replace(/\.object$/, ".lock"), { force: true });
    this.settleFolders();
  }

  /** Makes the entries of the token's folders durable: what was removed stays removed. */
  settleFolders(): void {
    awaitingDisk(() => this.#makeFoldersDurable());
  }

  #makeFoldersDurable(): void {
    for (const name of this.#tokenFolders()) {
      makeDurable(join(this.#tokens, name));
    }
    makeDurable(this.#tokens);
  }
}

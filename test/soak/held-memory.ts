import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { sharedLibrary } from "#test/support/native-library.js";
import { projectRoot } from "#test/support/server.js";
import { askSignal, type HeldMemory, heldVariables } from "./held-protocol.js";

/** How often it is looked for an answer, and how long, in milliseconds. */
const lookMilliseconds = 50;
const answersWithin = 30_000;

/**
 * Bytes that malloc keeps free at the end of an arena before it gives them back. This is what glibc begins with; left to
 * itself it keeps more and more, by as much as is allowed to grow, in each thread of V8 at another time.
 */
const keptFreeBytes = 128 * 1024;

/** Asks a server what memory it holds, over a file and a signal: it has to be started with `environment`. */
export class HeldMemoryOf {
  readonly environment: Readonly<Record<string, string>>;
  private readonly file: string;
  private told = 0;

  private constructor(file: string, trim: string, leak: number) {
    this.file = file;
    const program = new URL("./held-on-signal.js", import.meta.url).href;
    this.environment = {
      NODE_OPTIONS: `--import=${program}`,
      MALLOC_TRIM_THRESHOLD_: String(keptFreeBytes),
      [heldVariables.answers]: file,
      [heldVariables.trim]: trim,
      [heldVariables.leak]: String(leak),
    };
  }

  /** `folder` is where answers are to be; the server leaks so many MiB an hour. */
  static async in(folder: string, leak: number): Promise<HeldMemoryOf> {
    const trim = await sharedLibrary(join(projectRoot, "test/soak/trim"), join(projectRoot, "build/soak/trim.node"));
    const file = join(folder, "held-memory");
    writeFileSync(file, "");
    return new HeldMemoryOf(file, trim, leak);
  }

  /** What the server holds now. Rejects where it does not say. */
  async ask(server: ChildProcess): Promise<HeldMemory> {
    server.kill(askSignal);
    for (let waited = 0; waited < answersWithin; waited += lookMilliseconds) {
      await pause(lookMilliseconds);
      const answers = readFileSync(this.file, "utf8").split("\n").slice(0, -1);
      const answer = answers[this.told];
      if (answer === undefined) continue;
      this.told = answers.length;
      return JSON.parse(answer) as HeldMemory;
    }
    throw new Error("the server does not tell what memory it holds");
  }
}

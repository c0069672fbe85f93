/** System calls of running processes: traced, made to fail, or a signal at one of them, by strace. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** What can be made to happen at a system call. A SIGKILL comes before it is done, a SIGSTOP after. */
export type Effect = "EIO" | "ENOSPC" | "SIGKILL" | "SIGSTOP";

/** One system call to be met. */
export interface Injection {
  readonly syscall: string;
  readonly effect: Effect;
  /** Which one of those that each thread makes on the paths, from 1. */
  readonly when: number;
}

/** Whose system calls. */
export interface Target {
  readonly processes: readonly number[];
  /** Only those on these files; all where absent. */
  readonly paths?: readonly string[];
}

/** A system call that was made. */
export interface MadeCall {
  readonly thread: string;
  readonly syscall: string;
  readonly line: string;
}

const attachWithin = 20_000;
const endsWithin = 2_000;
const pollMilliseconds = 5;

/** Why strace cannot be used here; null where it can. */
export function straceIsMissing(): string | null {
  const tried = spawnSync("strace", ["-q", "-e", "trace=none", "true"], { encoding: "utf8" });
  if (tried.error !== undefined) return "strace is not installed (Debian: sudo apt-get install strace)";
  return tried.status === 0 ? null : `strace may not trace: ${tried.stderr.trim()}`;
}

/** The parameters that have strace watch some calls and do something at one of them. */
export function straceOptions(syscalls: readonly string[], injection: Injection | null, output: string): string[] {
  // A call that is not traced is not met either.
  const traced = new Set([...syscalls, ...(injection === null ? [] : [injection.syscall])]);
  return ["-f", "-y", "-o", output, "-e", `trace=${[...traced].join()}`, ...injecting(injection)];
}

function injecting(injection: Injection | null): readonly string[] {
  if (injection === null) return [];
  const { syscall, effect, when } = injection;
  const what = effect.startsWith("SIG") ? `signal=${effect}` : `error=${effect}`;
  return ["-e", `inject=${syscall}:${what}:when=${when}`];
}

/** A strace that is attached to processes. */
export class Strace {
  private readonly child: ChildProcess;
  private readonly folder: string;
  private complaint = "";

  private constructor(child: ChildProcess, folder: string) {
    this.child = child;
    this.folder = folder;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.complaint += chunk.toString("utf8");
    });
  }

  /** Attaches to all threads of some processes. Rejects where it cannot. */
  static async attach(
    { processes, paths = [] }: Target,
    syscalls: readonly string[],
    injection: Injection | null,
  ): Promise<Strace> {
    if (processes.length === 0) throw new Error("there is no process to attach to");
    const folder = mkdtempSync(join(tmpdir(), "keyreeve-strace-"));
    const options = [
      ...straceOptions(syscalls, injection, join(folder, "calls")),
      ...paths.flatMap((path) => ["-P", path]),
      ...processes.flatMap((process) => ["-p", String(process)]),
    ];
    const child = spawn("strace", options, { stdio: ["ignore", "ignore", "pipe"] });
    const strace = new Strace(child, folder);
    await strace.untilAttached(processes);
    return strace;
  }

  private async untilAttached(processes: readonly number[]): Promise<void> {
    const until = performance.now() + attachWithin;
    while (!processes.every((process) => this.complaint.includes(`Process ${process} attached`))) {
      if (this.child.exitCode !== null || performance.now() > until) {
        throw new Error(`strace does not attach: ${this.complaint.trim()}`);
      }
      await pause(pollMilliseconds);
    }
  }

  /** The calls so far, in the order of their beginning. */
  calls(): readonly MadeCall[] {
    return callsIn(this.text());
  }

  private text(): string {
    return readFileSync(join(this.folder, "calls"), "utf8");
  }

  /** How many calls were met. */
  met(): number {
    return metIn(this.text());
  }

  /** Waits until a call was met. Gives whether one was in time. */
  async untilMet(milliseconds: number): Promise<boolean> {
    return untilMet(join(this.folder, "calls"), milliseconds);
  }

  /** Leaves the processes to themselves. */
  async detach(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGTERM");
      // One that waits for a thread that was killed while it stood still does not end by that.
      const killing = setTimeout(() => this.child.kill("SIGKILL"), endsWithin);
      await ended;
      clearTimeout(killing);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until what strace wrote says that a call was met. */
export async function untilMet(file: string, milliseconds: number): Promise<boolean> {
  for (const until = performance.now() + milliseconds; performance.now() < until; ) {
    if (metIn(textOf(file)) > 0) return true;
    await pause(pollMilliseconds);
  }
  return false;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // It has not written anything yet.
    return "";
  }
}

function callsIn(text: string): readonly MadeCall[] {
  return text.split("\n").flatMap((line) => {
    const [, thread, syscall] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    return thread === undefined || syscall === undefined ? [] : [{ thread, syscall, line }];
  });
}

/** How many calls were met, by what strace wrote. */
export function metIn(text: string): number {
  const errors = text.match(/\(INJECTED\)/g)?.length ?? 0;
  const stops = text.match(/--- SIGSTOP \{si_signo=SIGSTOP, si_code=SI_KERNEL\}/g)?.length ?? 0;
  const kills = new Set(text.match(/^\d+ +\+\+\+ killed by SIGKILL/gm) ?? []).size;
  return errors + stops + Math.min(1, kills);
}

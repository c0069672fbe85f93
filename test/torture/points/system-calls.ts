/** Every system call on files that the path of a key makes, made to fail, or the end of the process. */
import { setTimeout as pause } from "node:timers/promises";
import { DatabaseView } from "#test/torture/load/database-view.js";
import type { Custody, Stage } from "./stage.js";
import { type Effect, Strace, type Target } from "./strace.js";

/** The system calls that are met. */
export const fileCalls = [
  "openat",
  "write",
  "pwrite64",
  "fsync",
  "fdatasync",
  "ftruncate",
  "rename",
  "unlink",
] as const;

/** Which process makes a system call: the server on the files of its database, or the HSM workers of a tenant. */
export type Side = "server" | "worker";

/** One kind of system call of one side, along the path of a key. */
export interface Site {
  readonly side: Side;
  readonly custody: Custody;
  readonly syscall: string;
  /** How many one walk makes. */
  readonly calls: number;
}

/** One that is to be met. */
export interface Shot extends Site {
  readonly effect: Effect;
  readonly when: number;
}

/** What came of it. */
export interface Hit {
  readonly isMet: boolean;
  /** Why a request was not acknowledged; null where all were. */
  readonly reason: string | null;
  readonly isRefused: boolean;
  /** Whether the server ended, and was started again. */
  readonly isServerEnded: boolean;
  /** What was wrong afterwards. */
  readonly wrong: readonly string[];
}

const endsWithin = 5_000;
const goesOnWithin = 20_000;

/** A shot in words. */
export function wordsFor({ side, custody, syscall, effect, when, calls }: Shot): string {
  return `${effect} at ${syscall} ${when} of ${calls} of the ${side}, custody ${custody}`;
}

function targetOf(stage: Stage, side: Side, custody: Custody): Target {
  if (side === "worker") return { processes: stage.workers(custody) };
  return { processes: [stage.serverProcess], paths: stage.databaseFiles };
}

/** Counts what one walk makes of each call. */
export async function sitesOf(stage: Stage): Promise<readonly Site[]> {
  const sites: Site[] = [];
  for (const custody of ["token", "wrapped"] as const) {
    const walker = stage.walkers[custody];
    await walker.walk();
    await walker.walk();
    // What a server writes to PostgreSQL goes through no file.
    const sides: readonly Side[] = stage.postgres === undefined ? ["server", "worker"] : ["worker"];
    for (const side of sides) {
      const strace = await Strace.attach(targetOf(stage, side, custody), fileCalls, null);
      await walker.walk();
      const counts = new Map<string, Map<string, number>>();
      for (const { syscall, thread } of strace.calls()) {
        const threads = counts.get(syscall) ?? new Map<string, number>();
        counts.set(syscall, threads.set(thread, (threads.get(thread) ?? 0) + 1));
      }
      await strace.detach();
      for (const [syscall, threads] of counts)
        sites.push({ side, custody, syscall, calls: Math.max(...threads.values()) });
    }
  }
  return sites;
}

/** All shots there are. */
export function allShots(sites: readonly Site[]): readonly Shot[] {
  return sites.flatMap((site) =>
    Array.from({ length: site.calls }, (_, index) => index + 1).flatMap((when) =>
      (["EIO", "ENOSPC", "SIGKILL"] as const).map((effect) => ({ ...site, effect, when })),
    ),
  );
}

/** Has one call met while a key is walked with, and sees to it that the server serves again. */
export async function shoot(stage: Stage, shot: Shot): Promise<Hit> {
  const { side, custody, effect } = shot;
  const walker = stage.walkers[custody];
  const strace = await Strace.attach(targetOf(stage, side, custody), [], shot);
  const { reason, isRefused } = await walker.walk();
  const isMet = strace.met() > 0;
  await strace.detach();
  if (side === "server" && effect === "SIGKILL" && isMet) await untilEnded(stage);
  const isServerEnded = !stage.isUp;
  const wrong = isServerEnded && effect !== "SIGKILL" ? endedWrongly(stage) : [];
  if (isServerEnded) await stage.kill();
  return { isMet, reason, isRefused, isServerEnded, wrong: [...wrong, ...(await untilServing(stage, custody))] };
}

async function untilEnded(stage: Stage): Promise<void> {
  for (const until = performance.now() + endsWithin; stage.isUp && performance.now() < until; ) await pause(5);
}

/** A server that ends at a fault of its disk says so, and ends by itself. */
function endedWrongly({ server }: Stage): readonly string[] {
  const { exitCode, signalCode } = server.process;
  return signalCode === null ? [] : [`the server ended by ${signalCode} (exit code ${exitCode})`];
}

/** Walks until one walk is acknowledged as a whole: I8. */
async function untilServing(stage: Stage, custody: Custody): Promise<readonly string[]> {
  const walker = stage.walkers[custody];
  let last: string | null = "it was not tried";
  for (const until = performance.now() + goesOnWithin; performance.now() < until; ) {
    try {
      await stage.resume();
      last = (await walker.walk()).reason;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (last === null) return [];
    await pause(100);
  }
  return [`it does not serve again: ${last}`];
}

/** Waits until no change of a key in a token is begun and not ended: the server settles them from time to time. */
export async function untilSettled(stage: Stage): Promise<void> {
  for (const until = performance.now() + goesOnWithin; performance.now() < until; ) {
    const open = await DatabaseView.look(stage.database, (view) => view.openIntents());
    if (open === 0) return;
    await pause(250);
  }
}

/** The points on the way of a change at which everything is ended at once. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { LongWork } from "./long-work.js";
import type { Stage } from "./stage.js";
import type { Injection, MadeCall, Target } from "./strace.js";

/** A point on the way of a change. */
export interface Point {
  readonly name: string;
  /** Whose call it is, and which. */
  at(stage: Stage): { readonly target: Target; readonly injection: Injection };
  /** What is under way; it is cut off at the point. */
  readonly work: (stage: Stage, work: LongWork) => Promise<unknown>;
  /** Calls to be traced beside the one that is met, for `isThere`. */
  readonly beside?: readonly string[];
  /** Whether what was traced shows that it was this point; absent where the call alone does. */
  isThere?(calls: readonly MadeCall[]): boolean;
}

const inWorker =
  (injection: Injection): Point["at"] =>
  (stage) => ({ target: { processes: stage.workers("token") }, injection });

const atLog =
  (injection: Injection): Point["at"] =>
  (stage) => ({ target: { processes: [stage.serverProcess], paths: [stage.log] }, injection });

const walk = (stage: Stage): Promise<unknown> => stage.walkers.token.walk();

const commitsBefore =
  (count: number) =>
  (calls: readonly MadeCall[]): boolean =>
    calls.filter(({ syscall, line }) => syscall === "fsync" && line.includes("-wal")).length === count;

/** All points. A SIGKILL comes before the call is done, a SIGSTOP after it: then everything is killed where it stands. */
export const points: readonly Point[] = [
  {
    name: "before the intent is written",
    at: atLog({ syscall: "pwrite64", effect: "SIGKILL", when: 1 }),
    beside: ["fsync"],
    isThere: commitsBefore(0),
    work: walk,
  },
  { name: "after the intent is durable", at: atLog({ syscall: "fsync", effect: "SIGSTOP", when: 1 }), work: walk },
  {
    name: "before the token makes the key",
    at: inWorker({ syscall: "ftruncate", effect: "SIGKILL", when: 1 }),
    work: walk,
  },
  {
    name: "while the token writes the key",
    at: inWorker({ syscall: "ftruncate", effect: "SIGKILL", when: 20 }),
    work: walk,
  },
  { name: "after the token made the key", at: inWorker({ syscall: "fsync", effect: "SIGKILL", when: 1 }), work: walk },
  { name: "after the key is durable", at: inWorker({ syscall: "fsync", effect: "SIGSTOP", when: 3 }), work: walk },
  {
    name: "before the commit is written",
    at: (stage) => atLog({ syscall: "pwrite64", effect: "SIGKILL", when: stage.writesOfIntent + 1 })(stage),
    beside: ["fsync"],
    isThere: commitsBefore(1),
    work: walk,
  },
  { name: "before the commit is durable", at: atLog({ syscall: "fsync", effect: "SIGKILL", when: 2 }), work: walk },
  { name: "after the commit is durable", at: atLog({ syscall: "fsync", effect: "SIGSTOP", when: 2 }), work: walk },
  {
    name: "before the answer is sent",
    at: (stage) => ({
      target: { processes: [stage.serverProcess], paths: stage.clientSockets() },
      injection: { syscall: "write,writev,sendmsg", effect: "SIGKILL", when: 1 },
    }),
    work: walk,
  },
  {
    name: "before the key of the token is removed",
    at: inWorker({ syscall: "unlink", effect: "SIGKILL", when: 1 }),
    // The second destroys what the first made.
    work: async (stage) => [await walk(stage), await walk(stage)],
  },
  {
    name: "while a key-encryption key is made",
    at: (stage) => ({
      target: { processes: stage.workers("wrapped") },
      injection: { syscall: "fsync", effect: "SIGKILL", when: 1 },
    }),
    work: (_stage, work) => work.rotate(),
  },
  {
    name: "while keys are wrapped anew",
    at: atLog({ syscall: "fsync", effect: "SIGKILL", when: 4 }),
    work: (_stage, work) => work.rotate(),
  },
  {
    name: "while keys are moved into the token",
    at: atLog({ syscall: "fsync", effect: "SIGKILL", when: 6 }),
    work: (_stage, work) => work.migrate(),
  },
  {
    name: "while a checkpoint of the audit trail is written",
    at: (stage) => ({
      target: { processes: [stage.serverProcess], paths: [join(stage.home, "audit-checkpoints.jsonl")] },
      injection: { syscall: "write,pwrite64,writev", effect: "SIGKILL", when: 1 },
    }),
    work: (stage) => stage.endCleanly(),
  },
  {
    name: "while the log of the database is written into it",
    at: (stage) => ({
      target: { processes: [stage.serverProcess], paths: stage.databaseFiles.slice(0, 1) },
      injection: { syscall: "pwrite64", effect: "SIGKILL", when: 1 },
    }),
    work: (stage) => stage.endCleanly(),
  },
];

/** A point on the way of a start: of the whole server, traced from its beginning. */
export interface StartPoint {
  readonly name: string;
  paths(stage: Stage): readonly string[];
  readonly injection: Injection;
}

function rootTokenFile({ home }: Stage): string {
  const hsm = join(home, "hsm");
  const root = readdirSync(hsm).find((name) => name.startsWith("root-")) ?? "";
  const tokens = join(hsm, root, "tokens");
  return join(tokens, readdirSync(tokens)[0] ?? "", "token.object");
}

/** All points of a start. */
export const startPoints: readonly StartPoint[] = [
  {
    name: "start: while the login writes the token file anew",
    paths: (stage) => [rootTokenFile(stage)],
    injection: { syscall: "write", effect: "SIGKILL", when: 1 },
  },
  {
    name: "start: before its first commit",
    paths: (stage) => [stage.log],
    injection: { syscall: "fsync", effect: "SIGKILL", when: 1 },
  },
  {
    name: "start: while an interrupted change is settled",
    paths: () => [],
    injection: { syscall: "unlink", effect: "SIGKILL", when: 1 },
  },
];

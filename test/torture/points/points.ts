/** The points on the way of a change at which everything is ended at once. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Moment } from "#test/support/commit-cutter.js";
import type { LongWork } from "./long-work.js";
import type { DatabaseKind } from "./postgres.js";
import type { Stage } from "./stage.js";
import type { Injection, MadeCall, Target } from "./strace.js";

/** A point on the way of a change. */
export interface Point {
  readonly name: string;
  /** Whose call it is, and which. */
  at(stage: Stage): { readonly target: Target; readonly injection: Injection };
  /** Where the point is there only with this database. */
  readonly database?: DatabaseKind;
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
    database: "sqlite",
    at: atLog({ syscall: "pwrite64", effect: "SIGKILL", when: 1 }),
    beside: ["fsync"],
    isThere: commitsBefore(0),
    work: walk,
  },
  {
    name: "after the intent is durable",
    database: "sqlite",
    at: atLog({ syscall: "fsync", effect: "SIGSTOP", when: 1 }),
    work: walk,
  },
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
    database: "sqlite",
    at: (stage) => atLog({ syscall: "pwrite64", effect: "SIGKILL", when: stage.writesOfIntent + 1 })(stage),
    beside: ["fsync"],
    isThere: commitsBefore(1),
    work: walk,
  },
  {
    name: "before the commit is durable",
    database: "sqlite",
    at: atLog({ syscall: "fsync", effect: "SIGKILL", when: 2 }),
    work: walk,
  },
  {
    name: "after the commit is durable",
    database: "sqlite",
    at: atLog({ syscall: "fsync", effect: "SIGSTOP", when: 2 }),
    work: walk,
  },
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
    database: "sqlite",
    at: atLog({ syscall: "fsync", effect: "SIGKILL", when: 4 }),
    work: (_stage, work) => work.rotate(),
  },
  {
    name: "while keys are moved into the token",
    database: "sqlite",
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
    database: "sqlite",
    at: (stage) => ({
      target: { processes: [stage.serverProcess], paths: stage.databaseFiles.slice(0, 1) },
      injection: { syscall: "pwrite64", effect: "SIGKILL", when: 1 },
    }),
    work: (stage) => stage.endCleanly(),
  },
];

/** A point on the way of a commit on PostgreSQL. */
export interface CommitPoint {
  readonly name: string;
  /** Which COMMIT of a tenant's request, or of anything, since the work began. */
  readonly number: number;
  readonly of: "tenant" | "anything";
  readonly moment: Moment;
  /** What is ended there: everything but the database, or the process of the database that has the commit. */
  readonly victim: "server" | "database process";
  readonly work: Point["work"];
}

const moments = [
  ["before", "before the % is sent"],
  ["sent", "the % is sent and not answered"],
  ["answered", "the % is answered"],
] as const satisfies readonly (readonly [Moment, string])[];

/** The intent of a key in the token is the first COMMIT of its making, the key itself the second. */
const ofAKey = [
  ["intent", 1],
  ["commit", 2],
] as const;

/** All points of commits. */
export const commitPoints: readonly CommitPoint[] = [
  ...ofAKey.flatMap(([what, number]) =>
    moments.map(
      ([moment, words]): CommitPoint => ({
        name: words.replace("%", what),
        ...{ number, of: "tenant", moment, victim: "server", work: walk },
      }),
    ),
  ),
  ...moments.slice(0, 2).map(
    ([moment, words]): CommitPoint => ({
      name: `${words.replace("%", "commit")}, and the process of the database ends`,
      ...{ number: 2, of: "tenant", moment, victim: "database process", work: walk },
    }),
  ),
  {
    name: "while keys are wrapped anew, a commit is sent",
    ...{ number: 4, of: "anything", moment: "sent", victim: "server", work: (_stage, work) => work.rotate() },
  },
  {
    name: "while keys are moved into the token, a commit is sent",
    ...{ number: 6, of: "anything", moment: "sent", victim: "server", work: (_stage, work) => work.migrate() },
  },
];

/** A point on the way of a start: of the whole server, traced from its beginning. */
export interface StartPoint {
  readonly name: string;
  /** Where the point is there only with this database. */
  readonly database?: DatabaseKind;
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
    database: "sqlite",
    paths: (stage) => [stage.log],
    injection: { syscall: "fsync", effect: "SIGKILL", when: 1 },
  },
  {
    name: "start: while an interrupted change is settled",
    paths: () => [],
    injection: { syscall: "unlink", effect: "SIGKILL", when: 1 },
  },
];

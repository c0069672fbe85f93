/** `npm run torture:points`: everything is ended at named points of the way of a change, and system calls fail on it. */
import { amountOf, type HarnessValues, runHarness, wordOf } from "#test/harness/program.js";
import { conclude, grouped, seedOf, Verdict } from "#test/harness/verdict.js";
import { postgresPrograms } from "#test/support/postgres.js";
import { type DatabaseKind, databaseKinds } from "./postgres.js";
import { type Order, type Outcome, run, together } from "./run.js";
import { straceIsMissing } from "./strace.js";

const usage = `Ends a server and its HSM workers at each named point of the way of a change (before the intent, after the HSM call, before
the commit, …, of a rotation, of a start), and has system calls on files fail or end the process on the way of a key from
Create to Destroy, in custody "wrapped" and "token"; on SQLite, whose calls are the server's own, and on PostgreSQL, where
commits are met before they are sent, sent and not answered, and answered. Afterwards the server must serve, and be as the journals of the clients say.
Takes strace.

  npm run torture:points -- [options]

  --database KIND  sqlite, postgres or both (default both)
  --points N    how often each point is met (default 2)
  --shots N     how many system calls are met on each database, spread over every kind; or all (default 150)
  --only TEXT   only points whose name has TEXT in it
  --long        --points 50 --shots all
  --seed N      repeats which system calls are drawn (default: random)
  --json        print the result as JSON
`;

/** A run in which more of them found no call to meet has not done what it says. */
const missedAllowed = 0.2;

/** A run that is broken off leaves no server and no files behind. */
function endAtSignals(end: () => Promise<void>): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      // The signal is not heeded a second time, and ends the process.
      const leave = (): boolean => process.kill(process.pid, signal);
      end().then(leave, leave);
    });
  }
}

const options = {
  database: { type: "string", default: "both" },
  points: { type: "string" },
  shots: { type: "string" },
  long: { type: "boolean", default: false },
  only: { type: "string" },
} as const;

type Values = HarnessValues<typeof options>;

function databasesOf(text: string): readonly DatabaseKind[] {
  const kind = wordOf(text, [...databaseKinds, "both"]);
  return kind === "both" ? databaseKinds : [kind];
}

/** How often each point is to be met. */
function pointsOf({ points, long }: Values): number {
  return amountOf(points ?? (long ? "50" : "2"));
}

async function main(values: Values): Promise<number> {
  const missing = straceIsMissing();
  if (missing !== null) {
    process.stderr.write(`${missing}\n`);
    return 1;
  }
  const kinds = databasesOf(values.database);
  if (kinds.includes("postgres") && postgresPrograms() === null) {
    process.stderr.write("PostgreSQL is not installed: sudo apt-get install postgresql, or --database sqlite\n");
    return 1;
  }
  const seed = seedOf(values.seed);
  const shots = values.shots ?? (values.long ? "all" : "150");
  const verdict = new Verdict("torture:points", seed);
  let end = (): Promise<void> => Promise.resolve();
  endAtSignals(() => end());
  const outcomes: Outcome[] = [];
  for (const database of kinds) {
    const order: Order = {
      ...{ seed, database },
      points: pointsOf(values),
      shots: shots === "all" ? "all" : amountOf(shots),
      only: values.only,
      progress: (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${database}: ${line}\n`),
      begun: (ending) => {
        end = ending;
      },
    };
    outcomes.push(await run(order));
  }
  return told(together(outcomes), verdict, values);
}

/** Records what a run came to; gives the exit code. */
function told(outcome: Outcome, verdict: Verdict, values: Values): number {
  const { pointsMet, pointsMissed, shotsMet, shots: shotsMade, counts } = outcome;
  verdict.none("every point is met", pointsMissed, pointsMet + pointsMissed.length);
  const isEnough = shotsMet >= shotsMade * (1 - missedAllowed);
  verdict.check("the system calls are met", isEnough, `${grouped(shotsMet)} of ${grouped(shotsMade)}`);
  verdict.none("everything is as the journals say, and the server serves again", outcome.wrong, counts.sent);
  verdict.none("a refusal says why", outcome.unclear, counts.refused);
  verdict.check("the server ends when it is asked to", outcome.isEndedCleanly, outcome.isEndedCleanly ? "yes" : "no");
  for (const [reason, count] of outcome.refusals) process.stderr.write(`refused ${count}: ${reason}\n`);
  const { sent, acknowledged, refused, unknown } = counts;
  const figures = {
    "points met": pointsMet,
    "system calls met": shotsMet,
    "ends of processes": pointsMet + outcome.serverEnds,
    requests: sent,
    acknowledged,
    refused,
    "of unknown outcome": unknown,
    repaired: outcome.repaired,
    "ms from the slowest start to service": Math.round(outcome.worstRecovery),
  };
  verdict.check("enough was acknowledged to be lost", acknowledged >= 100, `${grouped(acknowledged)} (100 are needed)`);
  const needed = [...(pointsOf(values) > 0 ? ["points met"] : []), ...(shotsMade > 0 ? ["system calls met"] : [])];
  return conclude(verdict.result(figures, needed), values.json);
}

await runHarness(usage, options, main);

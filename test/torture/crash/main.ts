/** `npm run torture:crash`: servers are killed and lose their power under load, and are held against what they acknowledged. */

import { join } from "node:path";
import { amountOf, type HarnessValues, runHarness, wordOf } from "#test/harness/program.js";
import { conclude, seedOf, Verdict } from "#test/harness/verdict.js";
import { sharedLibrary } from "#test/support/native-library.js";
import { postgresPrograms } from "#test/support/postgres.js";
import { projectRoot } from "#test/support/server.js";
import { noLoopDisk } from "./loop-disk.js";
import { type RunOrder, run } from "./run.js";
import type { DatabaseKind } from "./scene.js";
import { Tally } from "./tally.js";

const usage = `Kills servers with SIGKILL and cuts their power while clients create, use, change and destroy keys over TLS,
starts them again, and holds them against the clients' journals: on SQLite and PostgreSQL, with one server process and with
two, keys of custody wrapped and token under load each time. A power cut is a copy of the disk, a loop device, at an
instant; it needs root.

  npm run torture:crash -- [options]

  --kills N              kills of the server (default 25)
  --others N             kills of one HSM worker, serving process, connection of the database, or of PostgreSQL (default 8)
  --cuts N               power cuts (default 5)
  --long                 1,000 kills of the server, 200 of others, 100 power cuts
  --turns N              how often another database, or number of processes, gets its turn (default 4, long: 100)
  --minutes N            begins nothing more after so many minutes (default 600)
  --database KIND        sqlite, postgres or both (default both)
  --clients N            clients of each of the two tenants (default 3)
  --recovery-seconds N   within what a server must answer after it is started (default 5)
  --ignore-time          judges no times, where the machine is busy with other things
  --without-fsync        the opposite: nothing the server writes is written through, and the run passes if a power cut
                         is found to lose what was acknowledged
  --seed N               repeats what clients choose and when they are struck, as far as the machine lets it
  --json                 print the result as JSON
`;

const options = {
  kills: { type: "string" },
  others: { type: "string" },
  cuts: { type: "string" },
  turns: { type: "string" },
  long: { type: "boolean", default: false },
  minutes: { type: "string", default: "600" },
  database: { type: "string", default: "both" },
  clients: { type: "string", default: "3" },
  "recovery-seconds": { type: "string", default: "5" },
  "ignore-time": { type: "boolean", default: false },
  "without-fsync": { type: "boolean", default: false },
} as const;

type Values = HarnessValues<typeof options>;

interface Size {
  readonly kills: number;
  readonly others: number;
  readonly cuts: number;
  readonly turns: number;
}

const usualRun: Size = { kills: 25, others: 8, cuts: 5, turns: 4 };
const longRun: Size = { kills: 1000, others: 200, cuts: 100, turns: 100 };
const oneCut: Size = { kills: 0, others: 0, cuts: 1, turns: 1 };

/** Acknowledged requests below which a run says nothing. */
const leastAcknowledged = 100;

function databasesOf(text: string): readonly DatabaseKind[] {
  const kind = wordOf(text, ["sqlite", "postgres", "both"]);
  return kind === "both" ? ["sqlite", "postgres"] : [kind];
}

async function orderOf(values: Values, seed: number): Promise<RunOrder> {
  const end = performance.now() + amountOf(values.minutes) * 60_000;
  let isInterrupted = false;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => {
      isInterrupted = true;
      process.stderr.write("ending after the fault under way\n");
    });
  }
  const withoutFsync = values["without-fsync"];
  const environment = withoutFsync ? { LD_PRELOAD: await libraryWithoutFsync() } : undefined;
  const sizes = withoutFsync ? oneCut : values.long ? longRun : usualRun;
  const size = (name: keyof Size): number => amountOf(values[name] ?? sizes[name]);
  return {
    seed,
    kills: size("kills") + size("others"),
    wholeKills: size("kills"),
    powerCuts: size("cuts"),
    turns: size("turns"),
    clients: amountOf(values.clients),
    databases: withoutFsync ? ["sqlite"] : databasesOf(values.database),
    isOver: () => isInterrupted || performance.now() > end,
    ...(environment && { environment }),
  };
}

function libraryWithoutFsync(): Promise<string> {
  return sharedLibrary(
    join(projectRoot, "test/torture/crash/no-fsync"),
    join(projectRoot, "build/no-fsync/no-fsync.so"),
  );
}

/** Why the run cannot be made here; null where it can. */
function obstacle({ powerCuts, databases }: RunOrder): string | null {
  if (databases.includes("postgres") && postgresPrograms() === null) {
    return "PostgreSQL is missing (Debian: sudo apt-get install postgresql); --database sqlite goes without it";
  }
  const reason = powerCuts > 0 ? noLoopDisk() : null;
  return reason === null ? null : `${reason}; --cuts 0 goes without them`;
}

async function main(values: Values): Promise<number> {
  const seed = seedOf(values.seed);
  const order = await orderOf(values, seed);
  const missing = obstacle(order);
  if (missing !== null) {
    process.stderr.write(`torture:crash cannot run: ${missing}\n`);
    return 1;
  }
  const verdict = new Verdict("torture:crash", seed);
  const tally = new Tally();
  const { sent, acknowledged, refused, unknown } = await run(order, tally);
  if (values["without-fsync"]) {
    const lost = tally.findings.length;
    verdict.check(
      "a power cut of a server that writes nothing through is found to lose something",
      lost > 0,
      String(lost),
    );
  } else {
    tally.conclude(verdict, values["ignore-time"] ? undefined : amountOf(values["recovery-seconds"]));
  }
  const name = `at least ${leastAcknowledged} requests were acknowledged`;
  verdict.check(name, acknowledged >= leastAcknowledged, String(acknowledged));
  const done = {
    ...(order.wholeKills > 0 && {
      "kills of the server": tally.kills,
      "kills while starting": tally.killsWhileStarting,
    }),
    ...(order.kills > order.wholeKills && { "kills of other processes": tally.otherKills }),
    ...(order.powerCuts > 0 && { "power cuts": tally.powerCuts }),
    ...{ "requests sent": sent, acknowledged, refused, "of unknown outcome": unknown },
    ...{ "of them done": tally.doneAfterAll, "not done": tally.notDone },
    ...{
      "keys checked": tally.keysChecked,
      "incomplete keys removed": tally.repaired,
      "ms at worst until served": Math.round(tally.worstRecovery),
    },
  };
  const needed = [
    "kills of the server",
    "kills of other processes",
    "power cuts",
    "requests sent",
    "keys checked",
  ].filter((one) => one in done);
  return conclude(verdict.result(done, needed), values.json);
}

await runHarness(usage, options, main);

/** `npm run torture:storage`: disks, the database file, what takes checkpoints and what reads the log fail under load. */
import { amountOf, type HarnessValues, runHarness, UsageError } from "#test/harness/program.js";
import { conclude, seedOf, Verdict } from "#test/harness/verdict.js";
import type { Part, PartOrder, Totals } from "./part.js";
import { parts } from "./parts.js";

const names = Object.keys(parts);
const width = Math.max(...names.map((name) => name.length));
const described = Object.entries(parts).map(([name, { about }]) => `    ${name.padEnd(width)}  ${about}`);

const usage = `Has what a server stores in fail while clients create, use, change and destroy keys over TLS. Each fault must be felt as
documented, told of, and got over without a restart; then the server is held against the clients' journals. Needs root
for disks of its own.

  npm run torture:storage -- [options]

  --part LIST     which parts, separated by commas (default: all):
${described.join("\n")}
  --fault TEXT    only faults whose name has this text
  --rounds N      how often each fault happens (default 1)
  --long          each 20 times, those of PostgreSQL 50 times
  --clients N     clients of each of the two tenants (default 2)
  --minutes N     begins nothing more after so many minutes (default 600)
  --ignore-time   judge no times, where the machine is busy with other things
  --seed N        repeats what clients choose and when faults come, as far as the machine lets it
  --json          print the result as JSON
`;

const options = {
  part: { type: "string" },
  fault: { type: "string", default: "" },
  rounds: { type: "string" },
  long: { type: "boolean", default: false },
  clients: { type: "string", default: "2" },
  minutes: { type: "string", default: "600" },
  "ignore-time": { type: "boolean", default: false },
} as const;

/** Acknowledged requests below which a run says nothing. */
const leastAcknowledged = 100;

function chosenParts(list: string | undefined): readonly (readonly [name: string, part: Part])[] {
  return (list?.split(",") ?? names).map((name) => {
    const part = parts[name];
    if (part === undefined) throw new UsageError(`there is no part "${name}"`);
    return [name, part] as const;
  });
}

/** Whether the time is up, or somebody wants it to end. */
function endOfRun(minutes: number): () => boolean {
  const end = performance.now() + minutes * 60_000;
  let isInterrupted = false;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      isInterrupted = true;
      process.stderr.write("ending after the fault under way\n");
    });
  }
  return () => isInterrupted || performance.now() > end;
}

async function main(values: HarnessValues<typeof options>): Promise<number> {
  const chosen = chosenParts(values.part);
  const seed = seedOf(values.seed);
  const verdict = new Verdict("torture:storage", seed);
  const totals: Totals = { faults: 0, sent: 0, acknowledged: 0, refused: 0, unknown: 0 };
  const order: Omit<PartOrder, "rounds"> = {
    ...{ seed, verdict, totals },
    clients: amountOf(values.clients),
    fault: values.fault,
    judgesTime: !values["ignore-time"],
    tell: (text) => void process.stderr.write(`${text}\n`),
    isOver: endOfRun(amountOf(values.minutes)),
  };
  for (const [name, part] of chosen) {
    if (order.isOver()) break;
    const reason = part.obstacle();
    const rounds = values.long ? part.longRounds : 1;
    if (reason === null) await part.run({ ...order, rounds: amountOf(values.rounds ?? String(rounds)) });
    else verdict.check(`${name} could be tried`, false, reason);
  }
  const { acknowledged } = totals;
  verdict.check("the run says something", acknowledged >= leastAcknowledged, `${acknowledged} acknowledged`);
  return conclude(verdict.result({ ...totals }, ["faults", "sent", "acknowledged"]), values.json);
}

await runHarness(usage, options, main);

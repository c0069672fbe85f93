/** `npm run torture:secrets`: marked secrets go through a real server; afterwards they are looked for everywhere. */
import { amountOf, type HarnessValues, runHarness, wordOf } from "#test/harness/program.js";
import { conclude, grouped, seedOf, Verdict } from "#test/harness/verdict.js";
import { postgresPrograms } from "#test/support/postgres.js";
import { type DatabaseKind, runOn } from "./run.js";

const usage = `Registers, imports, makes, derives, splits, uses and reads back marked secrets over a real server, in every format, over TTLV, XML,
JSON, PKCS#11 and the command line, with passwords and PINs, while its log is at the level trace and a trace runs; has requests
refused that hold secrets, HSM workers killed and the database fail. Then looks for the secrets in every form (raw, hexadecimal,
base64, base64url, UTF-16, decimals, lines of PEM, escapes of JSON) in all files (data directory, database, traces, tokens,
temporary files), in the log and the audit export; and for those of keys that may not leave the token in the memory of the
server and in a core of it. Planted secrets must be found in each kind of place.

  npm run torture:secrets -- [options]

  --database KIND  sqlite, postgresql or both (default both)
  --rounds N       how often everything is done (default 3)
  --other-work N   requests of others before the memory is looked through (default 600)
  --no-core        take no core (cores need gdb)
  --long           20 rounds, 5,000 requests of others
  --seed N         printed with the figures; marks are new each time
  --json           print the result as JSON
`;

const options = {
  database: { type: "string", default: "both" },
  rounds: { type: "string" },
  "other-work": { type: "string" },
  "no-core": { type: "boolean", default: false },
  long: { type: "boolean", default: false },
} as const;

async function main(values: HarnessValues<typeof options>): Promise<number> {
  const database = wordOf(values.database, ["sqlite", "postgresql", "both"]);
  const kinds: readonly DatabaseKind[] = database === "both" ? ["sqlite", "postgresql"] : [database];
  if (kinds.includes("postgresql") && postgresPrograms() === null) {
    process.stderr.write("PostgreSQL is not installed: sudo apt-get install postgresql, or --database sqlite\n");
    return 1;
  }
  const order = {
    rounds: amountOf(values.rounds ?? (values.long ? 20 : 3)),
    otherWork: amountOf(values["other-work"] ?? (values.long ? 5000 : 600)),
    core: !values["no-core"],
  };
  const verdict = new Verdict("torture:secrets", seedOf(values.seed));
  const done: Record<string, number> = { "requests refused": 0, faults: 0, forms: 0, "MiB looked through": 0 };
  for (const kind of kinds) {
    process.stderr.write(`${kind}: ${grouped(order.rounds)} rounds\n`);
    for (const [name, figure] of Object.entries(await runOn(kind, order, verdict))) {
      done[name] = (done[name] ?? 0) + figure;
    }
  }
  return conclude(verdict.result(done), values.json);
}

await runHarness(usage, options, main);

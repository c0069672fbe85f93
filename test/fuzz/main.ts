/** `npm run fuzz`: damages real messages and watches what the codec and a running server make of them. */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { startTestServer } from "#test/support/server.js";
import { fuzzDecoding } from "./decode-target.js";
import type { PartResult } from "./finding.js";
import { SeededRandom } from "./random.js";
import { loadSeeds } from "./seeds.js";
import { fuzzServer } from "./server-target.js";

const usage = `Damages real messages and watches what the codec and a running server make of them.

  npm run fuzz -- [options]

  --seconds N      how long, half in process and half over TLS (default 60)
  --executions N   how many messages for each half, instead of a time
  --seed N         repeats a run (default: random)
`;

/** An answer that takes longer, in milliseconds, is a finding. */
const answerWithin = 1000;

function describe({ name, executions, seconds, outcomes, findings }: PartResult): string {
  const rate = Math.round(executions / Math.max(seconds, 0.001));
  const taken = [...outcomes].map(([what, times]) => `    ${String(times).padStart(9)}  ${what}`);
  const found = findings.map(({ what, input }) => `  FINDING: ${what}\n    input: ${input.slice(0, 4000)}`);
  const head = `${name}: ${executions} executions in ${seconds.toFixed(1)} s (${rate} a second)`;
  return [head, ...taken, ...found, ""].join("\n");
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string" },
      executions: { type: "string" },
      seed: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const seed = values.seed === undefined ? randomBytes(4).readUInt32BE() : Number(values.seed);
  const executions = values.executions === undefined ? Number.POSITIVE_INFINITY : Number(values.executions);
  const untimed = values.seconds === undefined && values.executions !== undefined;
  const seconds = untimed ? Number.POSITIVE_INFINITY : Number(values.seconds ?? 60) / 2;
  const seeds = loadSeeds();
  process.stdout.write(`seed ${seed}, ${seeds.length} messages to start from\n`);
  const random = new SeededRandom(seed);
  const decoding = fuzzDecoding(seeds, random, { seconds, executions });
  process.stdout.write(describe(decoding));
  const server = await startTestServer();
  try {
    const serving = await fuzzServer(server, seeds, random, { seconds, executions }, answerWithin);
    process.stdout.write(describe(serving));
    const findings = decoding.findings.length + serving.findings.length;
    const total = decoding.executions + serving.executions;
    const verdict = findings === 0 ? "nothing found" : "SOMETHING FOUND";
    process.stdout.write(`seed ${seed}: ${total} executions, ${findings} findings: ${verdict}\n`);
    return findings === 0 ? 0 : 1;
  } finally {
    await server.stop();
  }
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run soak`: keys are made, used and destroyed for a long time, and the server holds no more at the end than before. */
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Pkcs11Shim } from "#test/support/pkcs11-shim.js";
import { connectTo, startTestServer, temporaryHome } from "#test/support/server.js";
import { liveThrough } from "./client.js";
import { type Growth, growthOf, type Sample, sampleOf } from "./sample.js";

const usage = `Makes, uses, finds and destroys keys over many connections, and watches memory, open files, sessions of the token and
objects in them. HSM workers are replaced on the way, as they are after many operations.

  npm run soak -- [options]

  --requests N     how many requests (default 1000000)
  --minutes N      ends after so many minutes, however many requests were answered (default 60)
  --connections N  how many connections (default 16)
  --json           print the samples as JSON
`;

/** Samples of a run. */
const samplesWanted = 40;

/** How often it is looked whether the next sample is due. */
const lookMilliseconds = 250;

/** Operations after which a worker is replaced, so that replacing is part of the run. */
const workerOperations = 200_000;

interface Order {
  readonly requests: number;
  readonly minutes: number;
  readonly connections: number;
}

interface Outcome {
  readonly samples: readonly Sample[];
  readonly requests: number;
  readonly seconds: number;
  readonly failures: readonly string[];
  readonly workersReplaced: number;
}

async function run({ requests, minutes, connections }: Order): Promise<Outcome> {
  const shim = await Pkcs11Shim.start();
  const home = temporaryHome();
  const hsm = [`  workerOperations: ${workerOperations}`, "  environment: [PKCS11_SHIM_MODULE, PKCS11_SHIM_FOLDER]"];
  writeFileSync(join(home, "keyreeve.yaml"), ["hsm:", ...hsm, "log:", "  level: warn", ""].join("\n"));
  const environment = { KEYREEVE_HSM_MODULE: shim.module.path, ...shim.module.environment };
  const server = await startTestServer({ home, environment });
  const began = performance.now();
  const samples: Sample[] = [];
  const failures: string[] = [];
  let answered = 0;
  let isOver = false;
  const sample = (): void => {
    const due = performance.now() - began >= (samples.length * minutes * 60_000) / samplesWanted;
    if (!due && answered < (samples.length * requests) / samplesWanted) return;
    const taken = sampleOf(server.process.pid ?? 0, shim, answered);
    samples.push(taken);
    const { sessions, sessionObjects, files, serverBytes } = taken;
    process.stderr.write(
      `${answered.toLocaleString("en")} requests in ${((performance.now() - began) / 1000).toFixed(0)} s: ` +
        `${(serverBytes / 1024 / 1024).toFixed(0)} MiB, ${files} files, ${sessions} sessions, ${sessionObjects} session objects\n`,
    );
  };
  const watching = setInterval(sample, lookMilliseconds);
  const drive = async (number: number): Promise<void> => {
    const client = await connectTo(server);
    for (let life = 0; !isOver; life += 1) {
      await liveThrough(client, `soak-${number}-${life}`, () => {
        answered += 1;
      });
      isOver = answered >= requests || performance.now() - began > minutes * 60_000;
    }
    await client.close();
  };
  try {
    const driving = Array.from({ length: connections }, (_, number) =>
      drive(number).catch((error: unknown) => {
        isOver = true;
        failures.push(error instanceof Error ? error.message : String(error));
      }),
    );
    const ended = once(server.process, "exit").then(() => "the server ended");
    const end = await Promise.race([Promise.all(driving).then(() => undefined), ended]);
    if (end !== undefined) failures.push(end);
    const seconds = (performance.now() - began) / 1000;
    return { samples, requests: answered, seconds, failures, workersReplaced: shim.counters().length };
  } finally {
    clearInterval(watching);
    await server.stop();
    shim.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

function lineOf({ name, before, after, allowed }: Growth): string {
  const holds = after - before <= allowed;
  return `${holds ? "ok     " : "GREW   "} ${name}: ${before.toFixed(0)}, at the end ${after.toFixed(0)} (${allowed} more are allowed)`;
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      requests: { type: "string", default: "1000000" },
      minutes: { type: "string", default: "60" },
      connections: { type: "string", default: "16" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const order = {
    requests: Number(values.requests),
    minutes: Number(values.minutes),
    connections: Number(values.connections),
  };
  const outcome = await run(order);
  const growth = growthOf(outcome.samples);
  const isFlat = growth.every(({ before, after, allowed }) => after - before <= allowed);
  const passed = isFlat && outcome.failures.length === 0 && outcome.requests > 0;
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ...outcome, growth, passed }, null, 2)}\n`);
    return passed ? 0 : 1;
  }
  for (const one of growth) process.stdout.write(`${lineOf(one)}\n`);
  for (const failure of outcome.failures) process.stdout.write(`FAILED  ${failure}\n`);
  process.stdout.write(
    `soak ${passed ? "passed" : "FAILED"}: ${outcome.requests.toLocaleString("en")} verified requests in ${outcome.seconds.toFixed(0)} s, ` +
      `${outcome.failures.length} failures, ${outcome.workersReplaced} workers in all\n`,
  );
  return passed ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run bench:many-keys`: whether a tenant with a million keys is served as fast as one with a thousand. */
import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { childrenOf, residentBytes } from "#test/support/process-figures.js";
import { clientFolder, connectTo, readIdentity, startTestServer, temporaryHome } from "#test/support/server.js";
import { type FillOrder, nameOfKey } from "./fill-order.js";
import type { LoadResult } from "./load-plan.js";
import { answerOf, load, program } from "./processes.js";
import { printVerdicts, type Verdict } from "./verdicts.js";
import { createKey, encryptRequest, getRequest, located, marks } from "./workloads.js";

const usage = `Measures Get, Encrypt and Locate by name in a tenant with few and in one with many keys: over as many different
keys in both, and, in the one with many, over keys that were never asked for before.

  npm run bench:many-keys -- [options]

  --keys N         how many are many (default 1000000)
  --few N          how many are few (default 1000)
  --seconds N      how long each measurement takes (default 10)
  --connections N  how many connections (default 32)
  --json           print the figures as JSON
`;

/** Keys that are asked for once: more than any cache of the server holds. */
const sample = 100_000;

/** What must hold (ratios of speed with few to speed with many, seconds, bytes). */
const targets = { slowdown: 1.5, startSeconds: 3, residentBytes: 400 * 1024 * 1024 };

/** Seconds in which the keys in use become known to the server. */
const warmUp = 5;

interface Setting {
  /** Different keys in use. */
  readonly inUse: number;
  readonly seconds: number;
  readonly connections: number;
}

interface Measured {
  readonly keys: number;
  readonly startSeconds: number;
  readonly databaseBytes: number;
  /** Of the server's process after the measurements; its workers have processes of their own. */
  readonly residentBytes: number;
  readonly workerBytes: number;
  /** Over a number of keys that are in use. */
  readonly rates: Readonly<Record<string, LoadResult>>;
  /** Over keys that were not used before. */
  readonly first: Readonly<Record<string, LoadResult>>;
}

/** A data directory with so many keys like the first one, and their identifiers. */
async function filledHome(keys: number): Promise<{ home: string; identifiers: readonly string[] }> {
  const home = temporaryHome();
  const server = await startTestServer({ home });
  const client = await connectTo(server);
  const model = await createKey(client, "model");
  await client.close();
  await server.stop({ keepHome: true });
  const child = fork(program("fill-process.js"));
  child.send({ home, tenant: "demo", model, keys } satisfies FillOrder);
  const identifiers = await answerOf<readonly string[]>(child);
  if (child.exitCode === null) await once(child, "exit");
  return { home, identifiers };
}

/** Different numbers below `count`, chosen at random. */
function chosen(count: number, most: number): number[] {
  const numbers = new Set<number>();
  while (numbers.size < Math.min(count, most)) numbers.add(randomInt(count));
  return [...numbers];
}

async function measure(keys: number, { inUse, seconds, connections }: Setting): Promise<Measured> {
  const began = performance.now();
  const { home, identifiers } = await filledHome(keys);
  const filled = (performance.now() - began) / 1000;
  process.stderr.write(`${keys.toLocaleString("en")} keys made in ${filled.toFixed(0)} s\n`);
  const starting = performance.now();
  const server = await startTestServer({ home });
  const startSeconds = (performance.now() - starting) / 1000;
  try {
    const idOf = (index: number): string => identifiers[index] ?? "";
    const loads = [
      { name: "Get", make: (index: number) => getRequest(idOf(index)), marks: marks.get },
      { name: "Encrypt", make: (index: number) => encryptRequest(idOf(index), 64), marks: marks.encrypt },
      { name: "Locate by name", make: (index: number) => located(nameOfKey(index)), marks: marks.locate },
    ];
    const rate = (
      numbers: readonly number[],
      { make, marks: expected }: (typeof loads)[number],
      warmUpSeconds: number,
    ) =>
      load({
        seconds,
        connections,
        warmUpSeconds,
        port: server.kmipPort,
        identity: readIdentity(clientFolder(home)),
        requests: numbers.map((number) => make(number).toString("base64")),
        mustContain: expected.map((mark) => mark.toString("hex")),
      });
    const rates: Record<string, LoadResult> = {};
    const first: Record<string, LoadResult> = {};
    const used = chosen(keys, inUse);
    for (const each of loads) {
      rates[each.name] = await rate(used, each, warmUp);
      if (keys > sample) first[each.name] = await rate(chosen(keys, sample), each, 0);
    }
    const { pid = 0 } = server.process;
    return {
      keys,
      startSeconds,
      databaseBytes: statSync(join(home, "keyreeve.db")).size,
      residentBytes: residentBytes(pid),
      workerBytes: childrenOf(pid).reduce((sum, child) => sum + residentBytes(child), 0),
      rates,
      first,
    };
  } finally {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** One line for each thing that must hold, and whether it does. */
function verdicts(few: Measured, many: Measured): readonly Verdict[] {
  const slowdowns = Object.entries(many.rates).map(([name, { requestsPerSecond, errors }]) => {
    const before = few.rates[name]?.requestsPerSecond ?? Number.NaN;
    const ratio = before / requestsPerSecond;
    const figures = `${Math.round(before)}/s with few keys, ${Math.round(requestsPerSecond)}/s with many`;
    return {
      line: `${name}: ${figures}: ${ratio.toFixed(2)} times as long, ${errors} errors`,
      holds: ratio <= targets.slowdown && errors === 0,
    };
  });
  const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);
  const firsts = Object.entries(many.first).map(([name, { requestsPerSecond, errors }]) => ({
    line: `${name} of keys not used before: ${Math.round(requestsPerSecond)}/s, ${errors} errors`,
    holds: errors === 0,
  }));
  return [
    ...slowdowns,
    ...firsts,
    { line: `start: ${many.startSeconds.toFixed(2)} s`, holds: many.startSeconds <= targets.startSeconds },
    {
      line: `memory: ${mebibytes(many.residentBytes)} MiB, and ${mebibytes(many.workerBytes)} MiB of HSM workers; database ${mebibytes(many.databaseBytes)} MiB`,
      holds: many.residentBytes <= targets.residentBytes,
    },
  ];
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keys: { type: "string", default: "1000000" },
      few: { type: "string", default: "1000" },
      seconds: { type: "string", default: "10" },
      connections: { type: "string", default: "32" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const setting = {
    inUse: Number(values.few),
    seconds: Number(values.seconds),
    connections: Number(values.connections),
  };
  const few = await measure(Number(values.few), setting);
  const many = await measure(Number(values.keys), setting);
  return printVerdicts(verdicts(few, many), { few, many }, values.json);
}

process.exitCode = await main(process.argv.slice(2));

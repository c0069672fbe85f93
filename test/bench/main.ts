/** `npm run bench`: what a server with its default configuration does a second, over mutual TLS. */
import { fork } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ClientIdentity } from "#test/support/kmip-client.js";
import { clientFolder, connectTo, readIdentity, startTestServer, temporaryHome } from "#test/support/server.js";
import { assess, assessmentLine, type Bare, combinedLimit, goals } from "./goals.js";
import type { LoadPlan, LoadResult } from "./load-plan.js";
import type { Pkcs11Rates } from "./pkcs11-process.js";
import { answerOf, load, program } from "./processes.js";
import { perRequest, processorTime } from "./processor-time.js";
import { prepareWorkloads, type Workload } from "./workloads.js";

const usage = `Measures a server with its default configuration over mutual TLS.

  npm run bench -- [options]

  --seconds N         how long each measurement takes (default 5)
  --connections LIST  how many connections, such as 1,8,32 (default)
  --workers N         server processes that serve (default 1); with more, the last column is their time with that of the first's HSM workers
  --json              print the figures as JSON
`;

/** One line of the result. */
interface Figure extends LoadResult {
  readonly operation: string;
  readonly connections: number;
  /** The rate as a part of the bare TLS echo's with as many connections. */
  readonly ofEcho: number;
  /** The rate as a part of the bare PKCS#11 call's, where the operation is one. */
  readonly ofPkcs11: number | undefined;
  /** The rate as a part of that of one echo and one bare call after the other. */
  readonly ofLimit: number | undefined;
  /** Microseconds of processor time a request: the server's event loop, its other threads, its HSM workers. */
  readonly processor: Readonly<Record<string, number>>;
}

async function pkcs11Rates(seconds: number): Promise<Pkcs11Rates> {
  const folder = temporaryHome();
  const configuration = join(folder, "softhsm2.conf");
  mkdirSync(join(folder, "tokens"));
  writeFileSync(configuration, `directories.tokendir = ${join(folder, "tokens")}\nlog.level = ERROR\n`);
  const child = fork(program("pkcs11-process.js"), { env: { ...process.env, SOFTHSM2_CONF: configuration } });
  try {
    child.send(seconds);
    return await answerOf<Pkcs11Rates>(child);
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The rate of the bare TLS echo under each number of connections; the message has the length of an Encrypt of 1 KiB. */
async function echoRates(message: Buffer, connections: readonly number[], seconds: number): Promise<LoadResult[]> {
  const child = fork(program("echo-process.js"));
  try {
    const { port, identity } = await answerOf<{ port: number; identity: ClientIdentity }>(child);
    const results: LoadResult[] = [];
    const requests = [message.toString("base64")];
    for (const count of connections) {
      results.push(
        await load({ port, identity, connections: count, seconds, warmUpSeconds: 1, requests, mustContain: [] }),
      );
    }
    return results;
  } finally {
    child.disconnect();
  }
}

interface Measured {
  readonly figures: readonly Figure[];
  readonly echo: readonly LoadResult[];
  readonly pkcs11: Pkcs11Rates;
}

function planOf(workload: Workload, port: number, identity: ClientIdentity, connections: number, seconds: number) {
  return {
    port,
    identity,
    connections,
    seconds,
    warmUpSeconds: Math.min(1, seconds / 2),
    requests: workload.requests.map((request) => request.toString("base64")),
    mustContain: workload.mustContain.map((mark) => mark.toString("hex")),
  } satisfies LoadPlan;
}

async function measure(seconds: number, connections: readonly number[], workers: string): Promise<Measured> {
  const pkcs11 = await pkcs11Rates(seconds);
  const server = await startTestServer({ environment: { KEYREEVE_WORKERS: workers } });
  try {
    const client = await connectTo(server);
    const workloads = await prepareWorkloads(client);
    await client.close();
    const encrypt = workloads.find((workload) => workload.pkcs11 === "encrypt")?.requests[0];
    if (encrypt === undefined) throw new RangeError("no Encrypt to take the message of the echo from");
    const echo = await echoRates(encrypt, connections, seconds);
    const identity = readIdentity(clientFolder(server.home));
    const figures: Figure[] = [];
    for (const workload of workloads) {
      for (const [index, count] of connections.entries()) {
        const before = processorTime(server.process.pid ?? 0);
        const result = await load(planOf(workload, server.kmipPort, identity, count, seconds));
        const processor = perRequest(before, processorTime(server.process.pid ?? 0), result.exchanges);
        const bare = { echo: echo[index]?.requestsPerSecond ?? Number.NaN, pkcs11 };
        figures.push({
          ...result,
          ...partsOf(workload, result.requestsPerSecond, bare),
          processor,
          connections: count,
        });
      }
    }
    return { figures, echo, pkcs11 };
  } finally {
    await server.stop();
  }
}

function partsOf({ name, pkcs11: call }: Workload, requestsPerSecond: number, { echo, pkcs11 }: Bare) {
  const bare = call === undefined ? undefined : pkcs11[call];
  return {
    operation: name,
    ofEcho: requestsPerSecond / echo,
    ofPkcs11: bare === undefined ? undefined : requestsPerSecond / bare,
    ofLimit: bare === undefined ? undefined : requestsPerSecond / combinedLimit(echo, bare),
  };
}

/** What is reached of the goals, with the most connections of the run. */
function assessments({ figures, echo, pkcs11 }: Measured, connections: readonly number[]): readonly string[] {
  const most = Math.max(...connections);
  const bare = { echo: echo[connections.indexOf(most)]?.requestsPerSecond ?? Number.NaN, pkcs11 };
  return goals.map((goal) => {
    const found = figures.find((figure) => figure.operation === goal.operation && figure.connections === most);
    return assessmentLine(assess(goal, found?.requestsPerSecond ?? 0, bare));
  });
}

const rate = (value: number): string => Math.round(value).toLocaleString("en").padStart(8);
const milliseconds = (value: number): string => value.toFixed(2).padStart(8);
const share = (value: number | undefined): string =>
  (value === undefined ? "" : `${(value * 100).toFixed(1)} %`).padStart(9);

const microseconds = (value: number | undefined): string => (value === undefined ? "" : value.toFixed(0)).padStart(8);

function columns({ ofEcho, ofPkcs11, ofLimit, loadMicroseconds, processor }: Figure): string {
  const { loop, threads, workers } = processor;
  const times = [loadMicroseconds, loop, threads, workers].map(microseconds).join("");
  return `${share(ofEcho)}${share(ofPkcs11)}  ${share(ofLimit)}  ${times}`;
}

function table(measured: Measured, connections: readonly number[]): string {
  const { figures, echo, pkcs11 } = measured;
  const heading =
    "operation          connections      /s   p50 ms   p99 ms  errors  of echo of PKCS#11 of limit   µs: load    loop threads workers";
  const line = (name: string, count: number, result: LoadResult, parts: string): string =>
    `${name.padEnd(18)} ${String(count).padStart(11)}${rate(result.requestsPerSecond)} ${milliseconds(
      result.p50Milliseconds,
    )} ${milliseconds(result.p99Milliseconds)} ${String(result.errors).padStart(7)}${parts}`;
  const echoLines = echo.map((result, index) => line("bare TLS echo", connections[index] ?? 0, result, ""));
  const lines = figures.map((figure) => line(figure.operation, figure.connections, figure, columns(figure)));
  const bare = `bare PKCS#11 calls a second: generate and wrap${rate(pkcs11.create)}, encrypt 1 KiB GCM${rate(
    pkcs11.encrypt,
  )}, sign P-256${rate(pkcs11.sign)}`;
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}`;
  const reached = [
    "",
    `asked for, with ${Math.max(...connections)} connections:`,
    ...assessments(measured, connections),
  ];
  return [machine, bare, "", heading, ...echoLines, ...lines, ...reached, ""].join("\n");
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "5" },
      connections: { type: "string", default: "1,8,32" },
      workers: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const connections = values.connections.split(",").map(Number);
  const measured = await measure(Number(values.seconds), connections, values.workers);
  process.stdout.write(values.json ? `${JSON.stringify(measured, null, 2)}\n` : table(measured, connections));
  return measured.figures.some(({ errors, successes }) => errors > 0 || successes === 0) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));

/** `npm run bench:slow-token`: an HSM that takes milliseconds a call, and one that does not answer at all. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Pkcs11Shim } from "#test/support/pkcs11-shim.js";
import { childrenOf, environmentOf } from "#test/support/process-figures.js";
import {
  clientFolder,
  connectTo,
  readIdentity,
  startTestServer,
  type TestServer,
  temporaryHome,
} from "#test/support/server.js";
import type { LoadResult } from "./load-plan.js";
import { load } from "./processes.js";
import { printVerdicts, type Verdict } from "./verdicts.js";
import { createKey, discoverVersionsRequest, encryptRequest, marks } from "./workloads.js";

const usage = `Measures Encrypt on a token whose every cryptographic call takes some milliseconds, with several workers, and how long
a Discover Versions on another connection takes meanwhile; then the same while the token of another tenant hangs.

  npm run bench:slow-token -- [options]

  --delay N        milliseconds of each cryptographic call (default 2)
  --workers N      workers of the partition (default 16)
  --seconds N      how long each measurement takes (default 10)
  --connections N  how many connections encrypt (default 64)
  --json           print the figures as JSON
`;

/** What must hold: the part of the limit that is reached, and milliseconds. */
const targets = { ofLimit: 0.7, discoverVersionsP99: 20 };

interface Setting {
  readonly delay: number;
  readonly workers: number;
  readonly seconds: number;
  readonly connections: number;
}

interface Measured {
  readonly encrypt: LoadResult;
  readonly discoverVersions: LoadResult;
}

function configuredHome({ workers }: Setting): string {
  const home = temporaryHome();
  const hsm = [
    `  workersPerPartition: ${workers}`,
    `  workersMax: ${2 * workers + 4}`,
    "  environment: [PKCS11_SHIM_MODULE, PKCS11_SHIM_FOLDER]",
  ];
  writeFileSync(join(home, "keyreeve.yaml"), ["hsm:", ...hsm, "log:", "  level: error", ""].join("\n"));
  return home;
}

async function measure(server: TestServer, key: string, { seconds, connections }: Setting): Promise<Measured> {
  const common = {
    port: server.kmipPort,
    identity: readIdentity(clientFolder(server.home)),
    warmUpSeconds: 6,
    seconds,
  };
  const [encrypt, discoverVersions] = await Promise.all([
    load({
      ...common,
      connections,
      requests: [encryptRequest(key, 1024).toString("base64")],
      mustContain: marks.encrypt.map((mark) => mark.toString("hex")),
    }),
    load({
      ...common,
      connections: 1,
      requests: [discoverVersionsRequest().toString("base64")],
      mustContain: marks.discoverVersions.map((mark) => mark.toString("hex")),
    }),
  ]);
  return { encrypt, discoverVersions };
}

/** Stops every worker of a tenant as soon as it is there, and keeps calls coming to it. Gives how to end that. */
async function hangTenant(server: TestServer, name: string): Promise<() => Promise<number>> {
  const tenantId = await server.administration.createTenant(name);
  const folder = await server.administration.issueClient(name, "victim");
  const client = await connectTo(server, { identity: readIdentity(folder) });
  const key = await createKey(client);
  const stopped = new Set<number>();
  const stop = setInterval(() => {
    for (const child of childrenOf(server.process.pid ?? 0)) {
      if (stopped.has(child) || !environmentOf(child, "SOFTHSM2_CONF").includes(tenantId)) continue;
      process.kill(child, "SIGSTOP");
      stopped.add(child);
    }
  }, 20);
  let isOver = false;
  const calling = (async () => {
    while (!isOver) await client.exchange(encryptRequest(key, 16));
  })();
  return async () => {
    isOver = true;
    clearInterval(stop);
    await client.close();
    await calling.catch((error: unknown) => {
      if (!isOver) throw error;
    });
    return stopped.size;
  };
}

async function run(setting: Setting): Promise<{ quiet: Measured; hanging: Measured; hung: number }> {
  const shim = await Pkcs11Shim.start();
  const home = configuredHome(setting);
  const environment = { KEYREEVE_HSM_MODULE: shim.module.path, ...shim.module.environment };
  const server = await startTestServer({ home, environment });
  try {
    const client = await connectTo(server);
    const key = await createKey(client);
    await client.close();
    await shim.follow({ target: "device", action: "delay", value: setting.delay * 1000 });
    const quiet = await measure(server, key, setting);
    const end = await hangTenant(server, "hanging");
    const hanging = await measure(server, key, setting);
    return { quiet, hanging, hung: await end() };
  } finally {
    await server.stop();
    shim.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

function verdicts(
  { quiet, hanging, hung }: { quiet: Measured; hanging: Measured; hung: number },
  { delay, workers }: Setting,
): readonly Verdict[] {
  const limit = (workers * 1000) / delay;
  const of = (name: string, { encrypt, discoverVersions }: Measured) => {
    const part = encrypt.requestsPerSecond / limit;
    const p99 = discoverVersions.p99Milliseconds;
    return [
      {
        line: `${name}: Encrypt ${Math.round(encrypt.requestsPerSecond)}/s, ${(part * 100).toFixed(0)} % of the limit of ${limit}/s, ${encrypt.errors} errors`,
        holds: part >= targets.ofLimit && encrypt.errors === 0,
      },
      {
        line: `${name}: Discover Versions p50 ${discoverVersions.p50Milliseconds.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${discoverVersions.errors} errors`,
        holds: p99 < targets.discoverVersionsP99 && discoverVersions.errors === 0,
      },
    ];
  };
  return [
    ...of("slow token", quiet),
    ...of("another token hangs", hanging),
    { line: `workers of the other token that were made to hang: ${hung}`, holds: hung > 0 },
  ];
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      delay: { type: "string", default: "2" },
      workers: { type: "string", default: "16" },
      seconds: { type: "string", default: "10" },
      connections: { type: "string", default: "64" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const setting = {
    delay: Number(values.delay),
    workers: Number(values.workers),
    seconds: Number(values.seconds),
    connections: Number(values.connections),
  };
  const measured = await run(setting);
  return printVerdicts(verdicts(measured, setting), measured, values.json);
}

process.exitCode = await main(process.argv.slice(2));

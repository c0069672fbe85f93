import { existsSync, writeFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { experimentalVersions, formatVersion } from "#protocol/versions.js";
import { readClientFiles } from "#src/kmip-client/identity.js";
import { type CaseEntry, listCases, playedVersions, vectorsFolder } from "./catalogue.js";
import { openConnection } from "./connections.js";
import { Divergences } from "./divergences.js";
import { groupCases } from "./groups.js";
import { addressFrom, type ConformanceOptions, readOptions, UsageError } from "./options.js";
import { type OwnServer, startOwnServer } from "./own-server.js";
import { caseLine, reportJson, reportPage, reportText } from "./report.js";
import { type PlayedServer, runCases } from "./runner.js";

const projectRoot = resolve(import.meta.dirname, "../..");
const ownCases = join(projectRoot, "conformance/cases");
const divergencesPage = join(projectRoot, "docs/divergences.md");
const resultsPage = join(projectRoot, "docs/conformance.md");

/** The clients that cases know, in the order in which identities are given. */
const clients = ["Client-A", "Client-B", "Client-C", "Client-D"] as const;

const indexOf = (client: string): number => Math.max(0, clients.indexOf(client as (typeof clients)[number]));

/** A server that runs already. With fewer identities than clients, the last one stands for the rest. */
function runningServer(server: string, { identities, transport }: ConformanceOptions): PlayedServer {
  const files = identities.map(readClientFiles);
  const address = addressFrom(server, transport);
  return {
    connect: async (_version, client) => {
      const chosen = files[Math.min(indexOf(client), files.length - 1)];
      if (chosen === undefined) throw new UsageError("--server needs --identity");
      return openConnection(transport, address, chosen);
    },
  };
}

/** Tenants of the own server are named after the version that is played in them. */
const tenantOf = (version: string): string => `v${version.replace(".", "-")}`;

function ownServer({ kmipPort, httpsPort, folders, push }: OwnServer, { transport }: ConformanceOptions): PlayedServer {
  const address = { host: "127.0.0.1", port: transport === "ttlv" ? kmipPort : httpsPort };
  return {
    connect: async (version, client) => {
      const folder = folders[tenantOf(version)]?.[indexOf(client)];
      if (folder === undefined) throw new RangeError(`there is no ${client} for ${version}`);
      return openConnection(transport, address, readClientFiles(folder));
    },
    push: (version, object) => push({ tenant: tenantOf(version), object }, version),
  };
}

/** What a server of our own needs for cases of these versions. */
function orderFor(versions: readonly string[]): Parameters<typeof startOwnServer>[0] {
  const experimental = new Set(experimentalVersions.map(formatVersion));
  return {
    tenants: versions.map((version) => ({ name: tenantOf(version), interoperabilityTests: true })),
    clients,
    experimentalVersions: versions.filter((version) => experimental.has(version)),
  };
}

function chosenCases({ vectors, versions, name }: ConformanceOptions): readonly CaseEntry[] {
  const folder = vectorsFolder(vectors, process.env);
  if (!existsSync(folder)) throw new UsageError(`there is no folder ${folder}: name that of the cases with --vectors`);
  const entries = listCases(folder, versions ?? playedVersions).filter((each) => each.name.includes(name));
  if (entries.length === 0) throw new UsageError(`no case of ${folder} fits`);
  return entries;
}

/** Plays what the arguments name. Gives the exit code: 1 where a case failed, 2 where the arguments make no sense. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const entries = chosenCases(options);
  const groups = groupCases(entries, ownCases);
  const versions = [...new Set(entries.map(({ version }) => version))];
  const started = options.server === undefined ? await startOwnServer(orderFor(versions)) : undefined;
  try {
    let done = 0;
    const results = await runCases(groups, {
      server: started === undefined ? runningServer(options.server ?? "", options) : ownServer(started, options),
      divergences: Divergences.read(divergencesPage),
      sideBySide: started !== undefined,
      progress: (result) => {
        done += 1;
        process.stderr.write(`${done}/${entries.length} ${caseLine(result)}\n`);
      },
    });
    process.stdout.write(options.json ? reportJson(results) : reportText(results));
    const isWhole = options.versions === undefined && options.name === "" && options.vectors === undefined;
    const output = options.output ?? (isWhole && started !== undefined ? resultsPage : undefined);
    if (output !== undefined) writeFileSync(output, formatted(output, results));
    return results.some(({ outcome }) => outcome !== "passed" && outcome !== "divergence") ? 1 : 0;
  } finally {
    await started?.stop();
  }
}

function formatted(path: string, results: Parameters<typeof reportText>[0]): string {
  if (extname(path) === ".md") return reportPage(results);
  return extname(path) === ".json" ? reportJson(results) : reportText(results);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`keyreeve: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

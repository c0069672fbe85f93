/** Plays transcripts against a server and prints what differs; `keyreeve replay` starts it. */
import { parseArgs } from "node:util";
import type { Transcript } from "#protocol/encodings/transcript/step.js";
import { readClientFiles } from "#src/kmip-client/identity.js";
import { addressFrom, UsageError } from "./options.js";
import { startOwnServer } from "./own-server.js";
import { playFile, readTranscriptFile, transcriptsAt } from "./transcripts/folder.js";
import type { TranscriptServer } from "./transcripts/player.js";
import { replayJson, replayText } from "./transcripts/report.js";

interface ReplayOptions {
  readonly paths: readonly string[];
  readonly server: string | undefined;
  readonly https: string | undefined;
  readonly identities: readonly string[];
  readonly variables: ReadonlyMap<string, string>;
  readonly json: boolean;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        server: { type: "string" },
        https: { type: "string" },
        identity: { type: "string", multiple: true },
        variable: { type: "string", multiple: true },
        json: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readArguments(args: readonly string[]): ReplayOptions {
  const { values, positionals } = parsed(args);
  const { server, https, identity: identities = [], variable = [], json = false } = values;
  if (positionals.length === 0) throw new UsageError("name a transcript, or a folder of them");
  if (server !== undefined && identities.length === 0) throw new UsageError("--server needs --identity");
  if (server === undefined && (identities.length > 0 || https !== undefined)) {
    throw new UsageError("--identity and --https need --server");
  }
  const variables = variable.map((each) => {
    const at = each.indexOf("=");
    if (at < 1) throw new UsageError("--variable is NAME=VALUE");
    return [each.slice(0, at), each.slice(at + 1)] as const;
  });
  return { paths: positionals, server, https, identities, variables: new Map(variables), json };
}

/** The clients that a transcript names, in the order in which they appear; at least the first. */
function clientsOf({ steps }: Transcript): readonly string[] {
  return [...new Set(["A", ...steps.flatMap(({ client }) => (client === undefined ? [] : [client]))])];
}

/** A server that runs already. Identities stand for the clients of a transcript in their order. */
function runningServer(transcript: Transcript, { server = "", https, identities }: ReplayOptions): TranscriptServer {
  const clients = clientsOf(transcript);
  return {
    kmip: addressFrom(server, "ttlv"),
    https: https === undefined ? undefined : addressFrom(https, "https"),
    filesOf: (client) => {
      const folder = identities[clients.indexOf(client)];
      if (folder === undefined) throw new Error(`there is no --identity for client ${client}`);
      return readClientFiles(folder);
    },
  };
}

/** How each transcript finds its server, and how to end what was started for it. */
interface Servers {
  readonly serverFor: (index: number) => TranscriptServer;
  readonly stop: () => Promise<void>;
}

/** A server of our own, with a tenant for each transcript. */
async function ownServers(transcripts: readonly Transcript[]): Promise<Servers> {
  const clients = [...new Set(transcripts.flatMap(clientsOf))];
  const tenantOf = (index: number): string => `replay-${index + 1}`;
  const tenants = transcripts.map(({ heading }, index) => ({
    name: tenantOf(index),
    interoperabilityTests: false,
    profile: heading.find(([fact]) => fact === "profile")?.[1],
  }));
  const started = await startOwnServer({ tenants, clients, experimentalVersions: [] });
  const host = "127.0.0.1";
  const serverFor = (index: number): TranscriptServer => ({
    kmip: { host, port: started.kmipPort },
    https: { host, port: started.httpsPort },
    filesOf: (client) => readClientFiles(started.folders[tenantOf(index)]?.[clients.indexOf(client)] ?? ""),
  });
  return { serverFor, stop: () => started.stop() };
}

/** Plays what the arguments name. Gives the exit code: 1 where something differs. */
async function main(args: readonly string[]): Promise<number> {
  const options = readArguments(args);
  const paths = options.paths.flatMap(transcriptsAt);
  if (paths.length === 0) throw new UsageError("the folder holds no transcript (*.kmip)");
  const transcripts = paths.map(readTranscriptFile);
  const servers: Servers =
    options.server === undefined
      ? await ownServers(transcripts)
      : {
          serverFor: (index) => runningServer(transcripts[index] ?? { heading: [], steps: [] }, options),
          stop: async () => undefined,
        };
  try {
    const played = [];
    for (const [index, path] of paths.entries()) {
      played.push(await playFile(path, { server: servers.serverFor(index), variables: options.variables }));
    }
    process.stdout.write(options.json ? replayJson(played) : replayText(played));
    return played.some(({ differences }) => differences.length > 0) ? 1 : 0;
  } finally {
    await servers.stop();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`keyreeve: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

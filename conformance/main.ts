import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Operation, RevocationReasonCode } from "#protocol/enums/index.js";
import { V1_4 } from "#protocol/versions.js";
import { KmipClient } from "#test/support/kmip-client.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { clientFolder, projectRoot, readIdentity, startTestServer } from "#test/support/server.js";
import { listCases, playedVersions, vectorsFolder } from "./catalogue.js";
import { type CaseConnection, type CaseResult, playCase } from "./play.js";
import { reportPage, reportText } from "./report.js";

const usage = `Plays the OASIS test cases against a server and prints what came of them.

  npm run conformance -- [options]

  --vectors DIR      the cases (default: the variable KEYREEVE_VECTORS)
  --version V        only this protocol version, such as 1.2 (may be repeated)
  --case NAME        only cases whose name contains NAME
  --server HOST:PORT play against a server that runs already
  --identity DIR     with --server: the folder of client.crt, client.key and ca.crt
  --json             print the results as JSON
`;

/** A server to play against. */
interface Target {
  connect(): Promise<CaseConnection & KmipClient>;
  stop(): Promise<void>;
}

async function target(server: string | undefined, identityFolder: string | undefined): Promise<Target> {
  if (server === undefined) {
    const started = await startTestServer();
    const identity = readIdentity(clientFolder(started.home));
    return {
      connect: () => KmipClient.connect({ port: started.kmipPort, identity }),
      stop: () => started.stop(),
    };
  }
  if (identityFolder === undefined) throw new RangeError("--server needs --identity");
  const identity = readIdentity(identityFolder);
  const [host = "127.0.0.1", port = "5696"] = server.split(":");
  return {
    connect: () => KmipClient.connect({ host, port: Number(port), identity }),
    stop: () => Promise.resolve(),
  };
}

/** Removes what a case left behind; what is gone already answers with a failure, which is as good. */
async function remove(client: KmipClient, identifiers: readonly string[]): Promise<void> {
  for (const identifier of identifiers) {
    const uniqueIdentifier = named(identifier);
    const revocationReason = { revocationReasonCode: RevocationReasonCode.CessationOfOperation };
    await ask(client, V1_4, { operation: Operation.Revoke, payload: { uniqueIdentifier, revocationReason } });
    await ask(client, V1_4, { operation: Operation.Destroy, payload: { uniqueIdentifier } });
  }
}

async function playAll(folder: string, versions: readonly string[], name: string, on: Target): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const entry of listCases(folder, versions).filter((each) => each.name.includes(name))) {
    const leftOver = async (identifiers: readonly string[]): Promise<void> => {
      const client = await on.connect();
      await remove(client, identifiers);
      await client.close();
    };
    results.push(await playCase(entry, () => on.connect(), leftOver));
  }
  return results;
}

/** Plays the cases the arguments name. Gives the exit code: 1 where a case failed. */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      vectors: { type: "string" },
      version: { type: "string", multiple: true },
      case: { type: "string" },
      server: { type: "string" },
      identity: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const folder = vectorsFolder(values.vectors, process.env);
  const on = await target(values.server, values.identity);
  try {
    const results = await playAll(folder, values.version ?? playedVersions, values.case ?? "", on);
    process.stdout.write(values.json === true ? `${JSON.stringify(results, null, 2)}\n` : reportText(results));
    const isWhole = values.version === undefined && values.case === undefined;
    if (isWhole) writeFileSync(join(projectRoot, "docs/conformance.md"), reportPage(results));
    return results.some((result) => result.outcome === "failed") ? 1 : 0;
  } finally {
    await on.stop();
  }
}

process.exitCode = await main(process.argv.slice(2));

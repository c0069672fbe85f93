import { Operation } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { aesKey } from "./kmip-actions.js";
import type { KmipClient } from "./kmip-client.js";
import { askFor } from "./kmip-client-messages.js";
import { connectTo, runKeyreeve, type TestServer } from "./server.js";

/** One of the processes that serve, as the status tells of it. */
export interface ServingProcess {
  readonly number: number;
  readonly processId: number | null;
  readonly connections: number;
  readonly restarts: number;
  readonly reason: string | null;
}

/** The processes that serve. */
export async function processesOf(server: TestServer): Promise<readonly ServingProcess[]> {
  const { stdout } = await runKeyreeve(server.home, ["status", "--json"]);
  return (JSON.parse(stdout) as { readonly processes: readonly ServingProcess[] }).processes;
}

/** Which process a client reaches, by the audit row of a request. */
export async function processOf(server: TestServer, client: KmipClient): Promise<number> {
  const made = await askFor<{ uniqueIdentifier: string }>(client, V2_1, Operation.Create, aesKey());
  const rows = (await server.administration.exportAudit()).split("\n").filter((line) => line !== "");
  const row = rows
    .map((line) => JSON.parse(line))
    .find((entry: { readonly objectId: string }) => entry.objectId === made.uniqueIdentifier);
  return Number(String(row?.nodeId).split("/")[1] ?? 0);
}

/** Connections to all processes, in the order of their numbers. */
export async function clientsOfAll(server: TestServer, count: number): Promise<readonly KmipClient[]> {
  const found = new Map<number, KmipClient>();
  while (found.size < count) {
    const client = await connectTo(server);
    const number = await processOf(server, client);
    if (found.has(number)) await client.close();
    else found.set(number, client);
  }
  return [...found].sort(([one], [other]) => one - other).map(([, client]) => client);
}

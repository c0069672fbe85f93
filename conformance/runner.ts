import { Operation, RevocationReasonCode } from "#protocol/enums/index.js";
import { requestMessage } from "#protocol/messages/message.js";
import { payloads } from "#protocol/payloads/index.js";
import { Tag } from "#protocol/tags.js";
import { ItemType } from "#protocol/ttlv/item.js";
import { V1_4 } from "#protocol/versions.js";
import type { Divergences } from "./divergences.js";
import type { CaseGroup } from "./groups.js";
import { type CaseConnection, type CaseResult, playCase } from "./play.js";
import type { ServerRequest } from "./receiver.js";
import { RunState } from "./run-state.js";

/** A server as the runner sees it: it opens a connection for a client of a case that is played in a version. */
export interface PlayedServer {
  connect(version: string, client: string): Promise<CaseConnection>;
  /** Has it send an object to a client; absent where it cannot be told to. */
  push?(version: string, object: string): Promise<ServerRequest>;
}

/** Told of each case that is done. */
export type Progress = (result: CaseResult) => void;

/** How cases are played. */
export interface RunOptions {
  readonly server: PlayedServer;
  readonly divergences: Divergences;
  readonly progress: Progress;
  /** Whether versions are played side by side: only where each has a tenant of its own. */
  readonly sideBySide: boolean;
}

/** Plays groups of cases, in order within a version. Gives the results in the order of the cases. */
export async function runCases(groups: readonly CaseGroup[], options: RunOptions): Promise<readonly CaseResult[]> {
  const lanes = new Map<string, CaseGroup[]>();
  for (const group of groups) {
    const lane = options.sideBySide ? (group.entries[0]?.entry.version ?? "") : "";
    lanes.set(lane, [...(lanes.get(lane) ?? []), group]);
  }
  const played = await Promise.all([...lanes.values()].map((lane) => playLane(lane, options)));
  return played.flat();
}

async function playLane(groups: readonly CaseGroup[], options: RunOptions): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const group of groups) {
    let earlier: RunState | undefined;
    for (const { entry, isPreparation } of group.entries) {
      const run = new RunState(() => Date.now() / 1000, earlier);
      const connect = (client: string): Promise<CaseConnection> => options.server.connect(entry.version, client);
      const { push } = options.server;
      const pushing = push === undefined ? undefined : (object: string) => push(entry.version, object);
      const leftOver = (left: readonly string[]): Promise<void> => remove(connect, left);
      const result = judged(await playCase(entry, connect, run, leftOver, pushing), options);
      earlier = run;
      if (isPreparation && result.outcome === "passed") continue;
      results.push(result);
      options.progress(result);
    }
  }
  return results;
}

/** A case that is listed as a divergence must not pass, and does not count as failed. */
function judged(result: CaseResult, { divergences }: RunOptions): CaseResult {
  const reason = divergences.reasonFor(result.version, result.name);
  if (reason === undefined) return result;
  if (result.outcome !== "passed") return { ...result, outcome: "divergence", remark: reason };
  const difference = {
    path: "",
    expected: "a difference, as docs/divergences.md lists the case",
    actual: "none: take the case off the list",
  };
  return { ...result, outcome: "failed", difference };
}

/** Removes what a case left behind; what is gone already answers with a failure, which is as good. */
async function remove(
  connect: (client: string) => Promise<CaseConnection>,
  identifiers: readonly string[],
): Promise<void> {
  if (identifiers.length === 0) return;
  const connection = await connect("Client-A");
  try {
    for (const identifier of identifiers) {
      const uniqueIdentifier = { kind: "identifier", identifier };
      const revocationReason = { revocationReasonCode: RevocationReasonCode.CessationOfOperation };
      await askFor(connection, Operation.Revoke, { uniqueIdentifier, revocationReason });
      await askFor(connection, Operation.Destroy, { uniqueIdentifier });
    }
  } finally {
    await connection.close();
  }
}

async function askFor(connection: CaseConnection, operation: number, payload: unknown): Promise<void> {
  const shapes = payloads.find((row) => row.operation === operation);
  if (shapes === undefined) throw new RangeError(`operation ${operation} has no payload`);
  const context = { version: V1_4 };
  const message = {
    requestHeader: { protocolVersion: V1_4, attestationType: [], batchCount: 1 },
    batchItems: [
      {
        tag: Tag.BatchItem,
        type: ItemType.Structure,
        value: [
          { tag: Tag.Operation, type: ItemType.Enumeration, value: operation },
          shapes.request.encode(Tag.RequestPayload, payload, context),
        ],
      } as const,
    ],
  };
  await connection.request(requestMessage.encode(Tag.RequestMessage, message, context));
}

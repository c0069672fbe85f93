import { readFileSync } from "node:fs";
import { Operation, ResultStatus } from "#protocol/enums/index.js";
import { announcedVersion, responseMessage } from "#protocol/messages/message.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { V1_4 } from "#protocol/versions.js";
import { ConnectionLost, type KmipClient } from "#test/support/kmip-client.js";
import { ask } from "#test/support/kmip-client-messages.js";
import { connectTo, type TestServer } from "#test/support/server.js";
import { type Budget, PartRecorder, type PartResult } from "./finding.js";
import { mutate } from "./mutator.js";
import type { SeededRandom } from "./random.js";
import type { RawItem } from "./raw-item.js";

/** After so many messages another client must be served. */
const serveEvery = 100;

/** How much the server's memory may grow, in MiB, once it is warm. */
const maximumGrowth = 64;

/** Messages before the server counts as warm. */
const warmAfter = 500;

/** Resident memory of a process in MiB. */
export function residentMemory(processId: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${processId}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1024;
}

/** Whether the bytes are exactly one message as far as framing goes, so that one answer must come. */
function isOneFrame(bytes: Buffer): boolean {
  return bytes.length >= 8 && 8 + bytes.readUInt32BE(4) === bytes.length;
}

/** What is wrong with an answer; undefined where it is one of KMIP. */
function faultOf(answer: Buffer): string | undefined {
  try {
    const item = decodeItem(answer, { maximumBytes: 64 * 1024 * 1024, maximumItems: 1_000_000 });
    const version = announcedVersion(item);
    if (version === undefined) return "an answer without a version";
    const { batchItems } = responseMessage.decode(item, { version });
    const isSilent = batchItems.some(
      ({ resultStatus, resultReason }) => resultStatus === ResultStatus.OperationFailed && resultReason === undefined,
    );
    return isSilent ? "a failure without a reason" : undefined;
  } catch (error) {
    return `an answer that cannot be read: ${String(error)}`;
  }
}

class ServerFuzzer {
  private client: KmipClient | undefined;

  constructor(
    private readonly server: TestServer,
    private readonly recorder: PartRecorder,
    private readonly answerWithin: number,
  ) {}

  async send(input: Buffer): Promise<void> {
    if (isOneFrame(input)) await this.sendFrame(input);
    else await this.sendFragment(input);
    if (this.server.process.exitCode !== null || this.server.process.signalCode !== null) {
      this.recorder.finding("the server's process ended", input);
    }
  }

  async serveAnother(input: Buffer): Promise<void> {
    try {
      const other = await connectTo(this.server, { answerWithin: this.answerWithin });
      const { status } = await ask(other, V1_4, { operation: Operation.DiscoverVersions, payload: {} });
      if (status !== ResultStatus.Success) this.recorder.finding("the next client was refused", input);
      await other.close();
    } catch (error) {
      this.recorder.finding(`the next client was not served: ${String(error)}`, input);
    }
  }

  async close(): Promise<void> {
    await this.client?.close();
  }

  /** One whole frame: an answer must come, or the connection must end. */
  private async sendFrame(input: Buffer): Promise<void> {
    this.client ??= await connectTo(this.server, { answerWithin: this.answerWithin });
    try {
      const answer = await this.client.exchange(input);
      const fault = faultOf(answer);
      this.recorder.outcome(fault === undefined ? "answered" : "answered wrongly");
      if (fault !== undefined) this.recorder.finding(fault, input);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      this.client = undefined;
      this.recorder.outcome("closed");
      if (error.isTimeout) this.recorder.finding(`neither answered nor closed: ${error.message}`, input);
    }
  }

  /** Anything else: once the client has said its last word, the connection must end. */
  private async sendFragment(input: Buffer): Promise<void> {
    const client = await connectTo(this.server, { answerWithin: this.answerWithin });
    client.send(input);
    client.end();
    const isClosed = await client.closedWithin(this.answerWithin);
    this.recorder.outcome("a fragment, closed");
    if (!isClosed) {
      this.recorder.finding("a connection that the client ended stays open", input);
      await client.close();
    }
  }
}

/**
 * Sends damaged messages to a running server: it must stay alive, answer or close within `answerWithin` milliseconds,
 * serve the next client and keep its memory.
 */
export async function fuzzServer(
  server: TestServer,
  seeds: readonly RawItem[],
  random: SeededRandom,
  budget: Budget,
  answerWithin: number,
): Promise<PartResult> {
  const recorder = new PartRecorder("a running server over TLS", budget);
  const fuzzer = new ServerFuzzer(server, recorder, answerWithin);
  const processId = server.process.pid ?? 0;
  let warm: number | undefined;
  let input: Buffer = Buffer.alloc(0);
  for (let sent = 1; !recorder.isOver; sent += 1) {
    input = mutate(random.pick(seeds), random, seeds);
    await fuzzer.send(input);
    if (sent % serveEvery === 0) await fuzzer.serveAnother(input);
    if (sent === warmAfter) warm = residentMemory(processId);
  }
  await fuzzer.serveAnother(input);
  await fuzzer.close();
  const growth = warm === undefined ? 0 : residentMemory(processId) - warm;
  if (growth > maximumGrowth) recorder.finding(`memory grew by ${Math.round(growth)} MiB`, Buffer.alloc(0));
  return recorder.result();
}

import { readFileSync } from "node:fs";
import { Operation, ResultStatus } from "#protocol/enums/index.js";
import { V1_4 } from "#protocol/versions.js";
import { ConnectionLost, type KmipClient } from "#test/support/kmip-client.js";
import { ask, OperationFailed } from "#test/support/kmip-client-messages.js";
import { connectTo, type TestServer } from "#test/support/server.js";
import { outcomeOf, serverAsks } from "../answers.js";
import { type Budget, describe, type Finding, mostFindings, signatureOf, type TargetResult } from "../finding.js";
import { mutateMeaning } from "../mutators/items.js";
import type { SeededRandom } from "../random.js";
import { ObjectPool } from "./objects.js";
import { withLiveObjects } from "./path.js";

/** After so many messages another client must be served, and an object that messages are about is made anew. */
const serveEvery = 200;

/** Messages before the server counts as warm, and how much its memory may grow from then on, in MiB. */
const warmAfter = 20_000;
const mostGrowth = 64;

/** Resident memory of a process in MiB. */
function residentMemory(processId: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${processId}/status`, "utf8"));
  return Number(line?.[1] ?? 0) / 1024;
}

/** Whether the bytes are exactly one message as far as framing goes, so that one answer must come. */
function isOneFrame(bytes: Buffer): boolean {
  return bytes.length >= 8 && 8 + bytes.readUInt32BE(4) === bytes.length;
}

/** How a run over TLS is set up. */
export interface ServerRun {
  readonly server: TestServer;
  readonly seeds: readonly Buffer[];
  readonly random: SeededRandom;
  readonly budget: Budget;
  /** An answer that takes longer, in milliseconds, is a finding. */
  readonly answerWithin: number;
  /** Connections at once. */
  readonly connections: number;
  readonly progress?: (words: string) => void;
}

class ServerFuzzing {
  private readonly findings = new Map<string, Finding>();
  private readonly outcomes = new Map<string, number>();
  private readonly pool = new ObjectPool();
  private readonly startedAt = performance.now();
  private executions = 0;
  private slowest = { milliseconds: 0, input: "" };
  private warm: number | undefined;

  constructor(private readonly run: ServerRun) {}

  async result(): Promise<TargetResult> {
    const { connections, server } = this.run;
    const own = await connectTo(server, { answerWithin: 60_000 });
    await this.pool.fill(own);
    await Promise.all(Array.from({ length: connections }, (_, lane) => this.lane(lane === 0 ? own : undefined)));
    await own.close();
    await this.serveAnother(Buffer.alloc(0));
    const growth = this.warm === undefined ? 0 : Math.round(residentMemory(server.process.pid ?? 0) - this.warm);
    const { executions, slowest } = this;
    return {
      name: "server",
      executions,
      seconds: this.seconds,
      outcomes: Object.fromEntries([...this.outcomes].sort(([, one], [, other]) => other - one)),
      places: 0,
      corpus: this.run.seeds.length,
      slowest,
      growth: Math.max(0, growth - mostGrowth),
      findings: [...this.findings.values()],
    };
  }

  private get seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  private get isOver(): boolean {
    const { budget, server } = this.run;
    const isGone = server.process.exitCode !== null || server.process.signalCode !== null;
    const isDone = this.executions >= budget.executions || this.seconds >= budget.seconds;
    return isGone || isDone || this.findings.size >= mostFindings;
  }

  private async lane(own: KmipClient | undefined): Promise<void> {
    const { random, seeds, answerWithin, server } = this.run;
    let client: KmipClient | undefined;
    while (!this.isOver) {
      const damaged = Buffer.from(mutateMeaning(random.pick(seeds), random, () => random.pick(seeds)));
      const input = withLiveObjects(damaged, random, this.pool.identifiers);
      const start = performance.now();
      if (isOneFrame(input)) {
        client ??= await connectTo(server, { answerWithin });
        if (!(await this.sendFrame(client, input))) client = undefined;
      } else await this.sendFragment(input);
      this.ended(input, performance.now() - start);
      if (own !== undefined && this.executions % serveEvery < this.run.connections) {
        await this.serveAnother(input);
        // Rules that messages have set for their tenant may forbid a new object.
        await this.pool.renew(own).catch((error: unknown) => {
          if (!(error instanceof OperationFailed)) throw error;
        });
      }
    }
    await client?.close();
  }

  private ended(input: Buffer, milliseconds: number): void {
    const { server, progress } = this.run;
    this.executions += 1;
    if (milliseconds > this.slowest.milliseconds) this.slowest = { milliseconds, input: input.toString("hex") };
    if (this.executions === warmAfter) this.warm = residentMemory(server.process.pid ?? 0);
    if (this.executions % 10_000 === 0)
      progress?.(`server: ${this.executions} messages, ${this.findings.size} findings`);
    if (server.process.exitCode !== null || server.process.signalCode !== null) {
      this.found("the server's process ended", input);
    }
  }

  private found(what: string, input: Buffer): void {
    const signature = signatureOf(what);
    if (!this.findings.has(signature)) this.findings.set(signature, { what, input: input.toString("hex") });
  }

  private took(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  /** One whole frame: an answer must come, or the connection must end. Gives whether the connection is still open. */
  private async sendFrame(client: KmipClient, input: Buffer): Promise<boolean> {
    try {
      const outcome = outcomeOf(await client.exchange(input));
      this.took(outcome);
      if (outcome !== serverAsks) return true;
      // Nothing that the client asks is answered there any more.
      await client.close();
      return false;
    } catch (error) {
      if (!(error instanceof ConnectionLost)) {
        this.found(describe(error), input);
        return true;
      }
      this.took("closed");
      if (error.isTimeout) this.found(`neither answered nor closed: ${error.message}`, input);
      return false;
    }
  }

  /** Anything else: once the client has said its last word, the connection must end. */
  private async sendFragment(input: Buffer): Promise<void> {
    const { server, answerWithin } = this.run;
    const client = await connectTo(server, { answerWithin });
    client.send(input);
    client.end();
    this.took("a fragment, closed");
    if (await client.closedWithin(answerWithin)) return;
    this.found("a connection that the client ended stays open", input);
    await client.close();
  }

  private async serveAnother(input: Buffer): Promise<void> {
    const { server, answerWithin } = this.run;
    try {
      const other = await connectTo(server, { answerWithin });
      const { status } = await ask(other, V1_4, { operation: Operation.DiscoverVersions, payload: {} });
      if (status !== ResultStatus.Success) this.found("the next client was refused", input);
      await other.close();
    } catch (error) {
      this.found(`the next client was not served: ${String(error)}`, input);
    }
  }
}

/**
 * Sends damaged messages to a running server over TLS: it must stay alive, answer or close in time, serve the next
 * client and keep its memory.
 */
export async function fuzzServer(run: ServerRun): Promise<TargetResult> {
  return new ServerFuzzing(run).result();
}

import cluster from "node:cluster";
import { fileURLToPath } from "node:url";
import type { ProcessStatus } from "#src/administration/administration.js";
import type { RaiseEvent } from "#src/audit/events/events.js";
import type { Configuration } from "#src/config/configuration.js";
import type { ServedPorts } from "#src/kmip-service/served-listeners.js";
import { SiblingBus } from "#src/siblings/bus.js";
import { Hub } from "#src/siblings/hub.js";
import { TurnKeeper } from "#src/siblings/turns.js";
import type { Log } from "#src/telemetry/log.js";
import type { ProcessMetrics } from "#src/telemetry/process-metrics.js";
import { Child } from "./child.js";
import { type ChildReport, childTopics } from "./child-messages.js";

/** How long a process may take to do what another waits for; then it is ended, and nobody waits any longer. */
const deadlineMilliseconds = 2000;
/** How long a process may give no sign of life. */
const silenceMilliseconds = 10_000;
/** Longer than a child is given to finish what it has accepted. */
const stopRoomMilliseconds = 5000;

const program = fileURLToPath(new URL("./child-process.js", import.meta.url));

/** The processes that serve KMIP, seen from the first one: starts them, carries what they tell each other, ends them. */
export class ChildProcesses {
  /** The wires to them. */
  readonly siblings: SiblingBus;
  private readonly configuration: Configuration;
  private readonly log: Log;
  private raise: RaiseEvent = () => undefined;
  private readonly hub: Hub;
  private readonly children: readonly Child[];
  private served: ServedPorts | undefined;
  private readonly stalled = new Set<number>();

  constructor(configuration: Configuration, log: Log) {
    this.configuration = configuration;
    this.log = log;
    this.hub = new Hub({
      deadlineMilliseconds,
      silenceMilliseconds,
      now: () => performance.now(),
      stalled: (process, milliseconds) => this.endStalled(process, milliseconds),
    });
    this.siblings = new SiblingBus({
      self: 0,
      send: (message) => this.hub.receive(0, message),
      failed: (topic, error) => log.error({ topic, error }, "what another process told could not be done"),
    });
    this.hub.add(0, (message) => this.siblings.receive(message));
    void this.siblings.join();
    new TurnKeeper(this.siblings);
    this.children = Array.from({ length: configuration.server.workers }, (_, index) => this.child(index + 1));
  }

  /** Starts all; resolves when all serve. Rejects with what the first says that cannot. */
  async start(): Promise<void> {
    cluster.setupPrimary({ exec: program, args: [], serialization: "advanced" });
    await Promise.all(this.children.map((child) => child.start()));
  }

  /** The ports in use. Throws Error where nothing serves yet. */
  get ports(): ServedPorts {
    if (this.served === undefined) throw new Error("no server process serves yet");
    return this.served;
  }

  /** How each is doing. */
  async statuses(): Promise<readonly ProcessStatus[]> {
    return Promise.all(
      this.children.map(async ({ self, status }) => {
        const report = status.isServing ? await this.reportOf(self) : undefined;
        const { processId, restarts } = status;
        const reason = status.isServing ? complaintOf(report) : "it is being started";
        return { number: self, processId, restarts, connections: report?.connections ?? 0, reason };
      }),
    );
  }

  /** The metrics of each that answers. */
  async metrics(): Promise<readonly ProcessMetrics[]> {
    const serving = this.children.filter(({ status }) => status.isServing);
    const asked = serving.map(async ({ self: process }) => {
      return { process, metrics: await this.siblings.ask(process, childTopics.metrics, null) };
    });
    return (await Promise.allSettled(asked)).flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  }

  /** Has each read its certificates again. Rejects where one cannot. */
  async reload(): Promise<void> {
    const serving = this.children.filter(({ status }) => status.isServing);
    await Promise.all(serving.map(({ self }) => this.siblings.ask(self, childTopics.reload, null)));
  }

  /** Has each finish what it accepted and end. */
  async stop(): Promise<void> {
    for (const child of this.children) child.retire();
    await Promise.all(this.children.map((child) => this.end(child)));
    this.hub.stop();
  }

  /** Raises events by this from now on. */
  raiseBy(raise: RaiseEvent): void {
    this.raise = raise;
  }

  private async end(child: Child): Promise<void> {
    const { self, status } = child;
    const patience = this.configuration.kmip.limits.stopSeconds * 1000 + stopRoomMilliseconds;
    const late = setTimeout(() => child.kill(), patience);
    try {
      if (status.isServing) await this.siblings.ask(self, childTopics.stop, null);
      else child.kill();
    } catch (error) {
      this.log.warn({ serverProcess: self, error }, "a server process did not end in order");
      child.kill();
    }
    await child.ended();
    clearTimeout(late);
  }

  private child(number: number): Child {
    let isBack = false;
    return new Child(number, () => this.configurationOfChildren(), {
      started: (self, send) => this.hub.add(self, send),
      message: (self, message) => this.hub.receive(self, message),
      serving: (self, ports) => {
        this.served ??= ports;
        if (isBack) this.raise({ kind: "process-restored", detail: { serverProcess: self } });
        isBack = true;
      },
      gone: (self, { reason, isWanted }) => {
        this.hub.remove(self);
        const isStalled = this.stalled.delete(self);
        if (!isWanted) return;
        this.log.error({ serverProcess: self, reason }, "a server process ended; it is started again");
        if (!isStalled) this.raise({ kind: "process-ended", detail: { serverProcess: self } });
      },
    });
  }

  private endStalled(self: number, milliseconds: number): void {
    this.log.error({ serverProcess: self, milliseconds: Math.round(milliseconds) }, "a server process does not answer");
    this.raise({ kind: "process-stalled", detail: { serverProcess: self } });
    this.stalled.add(self);
    this.children[self - 1]?.kill();
  }

  /** A port that was free to choose stays what it became; each process takes its part of the connections. */
  private configurationOfChildren(): Configuration {
    const { kmip, server } = this.configuration;
    const maximumConnections = Math.ceil(kmip.limits.maximumConnections / server.workers);
    const maximumHandshakes = Math.ceil(kmip.limits.maximumHandshakes / server.workers);
    const limits = { ...kmip.limits, maximumConnections, maximumHandshakes };
    const { kmipPort: port, httpsPort, listenerPorts = {} } = this.served ?? { kmipPort: kmip.port };
    const https = { ...kmip.https, port: httpsPort ?? kmip.https.port };
    const listeners = kmip.listeners.map((each) => ({ ...each, port: listenerPorts[each.name] ?? each.port }));
    return { ...this.configuration, kmip: { ...kmip, port, https, listeners, limits } };
  }

  private async reportOf(self: number): Promise<ChildReport | undefined> {
    try {
      return await this.siblings.ask(self, childTopics.report, null);
    } catch (error) {
      this.log.debug({ serverProcess: self, error }, "a server process did not report");
      return undefined;
    }
  }
}

function complaintOf(report: ChildReport | undefined): string | null {
  if (report === undefined) return "it does not answer";
  return report.complaints.length === 0 ? null : report.complaints.join("; ");
}

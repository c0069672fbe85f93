import { randomBytes } from "node:crypto";
import type { Identities } from "#src/access/identities.js";
import type { RaiseEvent } from "#src/audit/events/events.js";
import type { Siblings } from "#src/siblings/siblings.js";
import type { Log } from "#src/telemetry/log.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { type Actor, administrationRecord } from "../audit-record.js";
import { AdministrationError } from "../errors.js";
import { makeFolder } from "../files.js";
import { findClient } from "../find-client.js";
import { homeLayout } from "../layout.js";
import { softwareVersion } from "../software-version.js";
import type { Tenants } from "../tenants.js";
import { KeptTraces } from "./kept-traces.js";
import { TraceTap } from "./tap.js";
import { type ActiveTrace, type TraceRequest, type TraceSummary, traceLimits, traceTopics } from "./trace.js";
import { TraceFile } from "./trace-file.js";

/** What traces work with. */
export interface TracesOptions {
  readonly database: Database;
  readonly tenants: Tenants;
  readonly siblings: Siblings;
  readonly tap: TraceTap;
  readonly raise: RaiseEvent;
  readonly log: Log;
  /** The folder of the files. */
  readonly folder: string;
}

/** Traces, and what listeners hand over to them, in one process of a server. */
export function tracingOf({
  identities,
  home,
  ...parts
}: Omit<TracesOptions, "tap" | "folder"> & { readonly identities: Identities; readonly home: string }): {
  readonly traces: Traces;
  readonly tap: TraceTap;
} {
  const tap = new TraceTap(parts.siblings, (fingerprint) => identities.find(fingerprint));
  return { tap, traces: new Traces({ ...parts, tap, folder: homeLayout(home).tracesFolder }) };
}

interface Running {
  readonly active: ActiveTrace;
  readonly summary: TraceSummary;
  readonly file: TraceFile;
  readonly timer: NodeJS.Timeout;
}

/** Traces of what clients send and receive: the first process starts them, ends them and writes their files. */
export class Traces {
  private readonly options: TracesOptions;
  private readonly kept: KeptTraces;
  private readonly running = new Map<string, Running>();

  constructor(options: TracesOptions) {
    this.options = options;
    this.kept = new KeptTraces(options.folder);
    const { siblings } = options;
    if (siblings.self !== 0) return;
    siblings.on(traceTopics.piece, (piece) => {
      this.running.get(piece.id)?.file.append(piece);
      return null;
    });
    siblings.onJoined(() => siblings.tell(traceTopics.running, this.active));
  }

  /** Says of what an earlier server left unfinished that it is over. */
  async endAbandoned(): Promise<void> {
    await this.kept.endAbandoned();
  }

  /** Those that run. */
  get current(): readonly TraceSummary[] {
    return [...this.running.values()].map(({ summary, file }) => ({ ...summary, bytes: file.bytes }));
  }

  /** Begins a trace in all processes; audited. Throws AdministrationError. */
  async start(actor: Actor, request: TraceRequest): Promise<TraceSummary> {
    const { database, tenants, raise, folder } = this.options;
    const seconds = within("duration in seconds", request.seconds, traceLimits.seconds);
    const maximumBytes = within("size in bytes", request.maximumBytes, traceLimits.maximumBytes);
    const maximumRequests = within("number of requests", request.maximumRequests, traceLimits.maximumRequests);
    if (this.running.size >= traceLimits.running) {
      throw new AdministrationError("wrong-state", `${traceLimits.running} traces run already; stop one of them`);
    }
    const tenant = await tenants.find(request.tenant);
    const { client } = request;
    const clientId = client === undefined ? null : (await findClient(database, tenant, client)).id;
    await makeFolder(folder);
    await this.kept.keep(traceLimits.kept - 1);
    const now = Date.now();
    const id = `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, "")}-${randomBytes(3).toString("hex")}`;
    const summary: TraceSummary = {
      id,
      tenant: tenant.name,
      client: client ?? null,
      startedAt: new Date(now).toISOString(),
      until: new Date(now + seconds * 1000).toISOString(),
      running: true,
      ended: null,
      bytes: 0,
      file: this.kept.pathOf(id),
    };
    const detail = { trace: id, client: client ?? "(all)", until: summary.until };
    const subject = { tenantId: tenant.id, partition: tenant.name, detail };
    await database.commit([change("audit", "append", administrationRecord(actor, "Start Trace", subject))]);
    const over = (reason: string): void => this.endByItself(id, reason);
    const file = new TraceFile(summary, softwareVersion(), { maximumBytes, maximumRequests }, over);
    const timer = setTimeout(() => over("its time is over"), seconds * 1000).unref();
    const active = { id, tenantId: tenant.id, clientId, digestKey: randomBytes(32).toString("base64") };
    this.running.set(id, { active, summary, file, timer });
    raise({ kind: "trace-started", tenantId: tenant.id, detail });
    await this.tellAll();
    return summary;
  }

  /** Ends a trace; audited. Throws AdministrationError. */
  async stop(actor: Actor, id: string): Promise<TraceSummary> {
    const running = this.running.get(id);
    if (running === undefined) {
      const known = await this.kept.find(id);
      throw new AdministrationError("wrong-state", `the trace has ended: ${known.ended}`);
    }
    const { active, summary } = running;
    const detail = { trace: id, client: summary.client ?? "(all)" };
    const record = administrationRecord(actor, "Stop Trace", {
      tenantId: active.tenantId,
      partition: summary.tenant,
      detail,
    });
    await this.options.database.commit([change("audit", "append", record)]);
    await this.end(running, `stopped by ${actor.name}`);
    return this.kept.find(id);
  }

  /** All that there are files of, the newest first. */
  list(): Promise<readonly TraceSummary[]> {
    return this.kept.list((id) => this.running.has(id));
  }

  /** The text of one. Throws AdministrationError `not-found`. */
  read(id: string): AsyncGenerator<string> {
    return this.kept.read(id);
  }

  /** Ends all that run, when the server stops. */
  async close(): Promise<void> {
    for (const running of this.running.values()) await this.end(running, "the server was stopped");
  }

  private get active(): readonly ActiveTrace[] {
    return [...this.running.values()].map(({ active }) => active);
  }

  private async tellAll(): Promise<void> {
    this.options.tap.run(this.active);
    await this.options.siblings.tell(traceTopics.running, this.active);
  }

  private endByItself(id: string, reason: string): void {
    const running = this.running.get(id);
    if (running === undefined) return;
    this.end(running, reason).catch((error: unknown) => {
      this.options.log.error({ error, trace: id }, "a trace could not be ended in order");
    });
  }

  private async end(running: Running, reason: string): Promise<void> {
    const { active, file, timer } = running;
    if (!this.running.delete(active.id)) return;
    clearTimeout(timer);
    await this.tellAll();
    await file.end(reason);
    const detail = { trace: active.id, reason };
    this.options.raise({ kind: "trace-ended", tenantId: active.tenantId, detail });
  }
}

function within(
  what: string,
  asked: number | undefined,
  { standard, most }: { standard: number; most: number },
): number {
  const chosen = asked ?? standard;
  if (Number.isInteger(chosen) && chosen >= 1 && chosen <= most) return chosen;
  throw new AdministrationError("invalid", `the ${what} of a trace is between 1 and ${most}`);
}

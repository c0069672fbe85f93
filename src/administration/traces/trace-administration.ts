import { change } from "#storage/changes.js";
import { type Actor, administrationRecord } from "../audit-record.js";
import { AdministrationError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import type { TraceRequest, TraceSummary } from "./trace.js";

/** What an operator does with traces. Rejects with AdministrationError where a request cannot be done. */
export interface TraceAdministration {
  /** Needs a server that runs. */
  start(request: TraceRequest): Promise<TraceSummary>;
  stop(id: string): Promise<TraceSummary>;
  /** The newest first. */
  list(): Promise<readonly TraceSummary[]>;
  /** The text of one, piece by piece. */
  read(id: string): AsyncIterable<string>;
}

/** Traces on an open data directory, by one actor; what is refused is audited as well. */
export function localTraces({ traces, database }: Runtime, actor: Actor, isServing: boolean): TraceAdministration {
  const attempt = async <T>(operation: string, subject: Readonly<Record<string, string>>, work: () => Promise<T>) => {
    try {
      return await work();
    } catch (error) {
      const refusal = error instanceof AdministrationError ? error.code : "failed";
      const detail = Object.fromEntries(Object.entries(subject).map(([key, name]) => [key, name.slice(0, 100)]));
      await database.commit([change("audit", "append", administrationRecord(actor, operation, { detail, refusal }))]);
      throw error;
    }
  };
  return {
    start: (request) => {
      const { tenant, client = "(all)" } = request;
      return attempt("Start Trace", { tenant, client }, async () => {
        if (!isServing) throw new AdministrationError("wrong-state", "no server runs whose clients could be traced");
        return traces.start(actor, request);
      });
    },
    stop: (id) => attempt("Stop Trace", { trace: id }, () => traces.stop(actor, id)),
    list: () => traces.list(),
    read: (id) => traces.read(id),
  };
}

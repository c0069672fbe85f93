import type { Actor } from "../audit-record.js";
import { AdministrationError } from "../errors.js";
import type { Attempt } from "../first-contact/local-administration.js";
import type { TraceRequest, TraceSummary } from "./trace.js";
import type { Traces } from "./traces.js";

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

/** Traces on an open data directory, by one actor. `isServing` says whether this is a server. */
export function localTraces(traces: Traces, actor: Actor, isServing: boolean, attempt: Attempt): TraceAdministration {
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

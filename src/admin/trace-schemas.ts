import { type TraceRequest, type TraceSummary, traceLimits } from "#src/administration/traces/trace.js";
import { count, flag, name, object, orNull, type Schema, text } from "./schema-parts.js";

const atMost = ({ most }: { readonly most: number }, description: string): Schema => ({
  type: "integer",
  minimum: 1,
  maximum: most,
  description,
});

/** The shapes of traces. */
export const traceSchemas: readonly Schema[] = [
  object<TraceRequest>(
    "NewTrace",
    {
      tenant: name,
      client: name,
      seconds: atMost(traceLimits.seconds, "How long; 600 where left out"),
      maximumBytes: atMost(traceLimits.maximumBytes, "How large the file may grow; 50 MiB where left out"),
      maximumRequests: atMost(traceLimits.maximumRequests, "100000 where left out"),
    },
    ["client", "seconds", "maximumBytes", "maximumRequests"],
  ),
  object<TraceSummary>("Trace", {
    id: text(),
    tenant: text(),
    client: orNull(text("Null for all clients of the tenant")),
    startedAt: text("ISO 8601, UTC"),
    until: text("When it ends at the latest; ISO 8601, UTC"),
    running: flag,
    ended: orNull(text("Why it ended; null while it runs")),
    bytes: count(),
    file: text("On the server"),
  }),
];

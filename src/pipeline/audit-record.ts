import { formatVersion } from "#protocol/versions.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { AuditRecord } from "#storage/types.js";
import type { ItemState } from "./item.js";

/** How an item ended, for its audit record. */
export interface AuditOutcome {
  /**
   * "success", "failure", "undone"; "intent" before a step that cannot be part of a transaction; "pending" where the
   * item was taken in, to be worked on later.
   */
  readonly outcome: "success" | "failure" | "undone" | "intent" | "pending";
  /** Name of the Result Reason, null on success. */
  readonly reason: string | null;
  /** From the reading of the item to its end; null where nothing has ended. */
  readonly microseconds: number | null;
}

/** The audit record of a batch item. It names objects and never holds values of their attributes or keys. */
export function auditRecord(state: ItemState, { outcome, reason, microseconds }: AuditOutcome): AuditRecord {
  const { caller } = state.request;
  return {
    tenantId: caller.tenantId,
    timeMs: state.services.clock.wallMilliseconds(),
    // What comes before the end has a record of its own.
    eventId: outcome === "intent" ? newIdentifier() : state.eventId,
    clientId: caller.clientId,
    clientName: caller.clientName,
    certificateFingerprint: caller.certificateFingerprint,
    sourceAddress: state.request.sourceAddress,
    protocolVersion: formatVersion(state.request.version),
    operation: state.operation?.name ?? "(unknown)",
    objectId: state.placeholderValues?.current ?? state.objectId ?? null,
    partition: caller.tenantName,
    outcome,
    resultReason: reason,
    durationMicroseconds: microseconds,
    correlationId: state.request.correlationId,
    detail: detailOf(state),
  };
}

/** Characters of a Client Correlation Value that are recorded. */
const longestCorrelation = 256;

/** The operation's words, and the client's own name for the request (KMIP 2.1 §9.9). */
function detailOf({ request, notes }: ItemState): string | null {
  const correlation = request.header.clientCorrelationValue?.slice(0, longestCorrelation);
  if (notes === undefined && correlation === undefined) return null;
  return JSON.stringify({ ...notes, ...(correlation !== undefined && { clientCorrelationValue: correlation }) });
}

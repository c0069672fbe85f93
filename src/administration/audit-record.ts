import { randomUUID } from "node:crypto";
import { newIdentifier } from "#storage/identifiers.js";
import { type AuditRecord, serverChain } from "#storage/types.js";

/** Who changes something: an operator by certificate, or somebody with the data directory in hand. */
export interface Actor {
  readonly name: string;
  readonly certificateFingerprint: string | null;
  readonly sourceAddress: string | null;
}

/** The actor of commands that work on a data directory without a running server. */
export const localActor: Actor = { name: "local", certificateFingerprint: null, sourceAddress: null };

/** The audit record of an administrative change, done or refused. Details name things and never hold secrets. */
export function administrationRecord(
  actor: Actor,
  operation: string,
  subject: {
    readonly tenantId?: string;
    readonly partition?: string;
    readonly detail?: Readonly<Record<string, string>>;
    /** Why it was refused; absent where it was done. */
    readonly refusal?: string;
  },
): AuditRecord {
  return {
    tenantId: subject.tenantId ?? serverChain,
    timeMs: Date.now(),
    eventId: newIdentifier(),
    clientId: null,
    clientName: actor.name,
    certificateFingerprint: actor.certificateFingerprint,
    sourceAddress: actor.sourceAddress,
    protocolVersion: null,
    operation,
    objectId: null,
    partition: subject.partition ?? null,
    outcome: subject.refusal === undefined ? "success" : "failure",
    resultReason: subject.refusal ?? null,
    durationMicroseconds: null,
    correlationId: randomUUID(),
    detail: subject.detail === undefined ? null : JSON.stringify(subject.detail),
  };
}

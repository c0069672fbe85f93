import { randomUUID } from "node:crypto";
import type { HandshakeFailure } from "#src/net/handshake-diagnosis.js";
import { change } from "#storage/changes.js";
import type { Database, DatabaseLogger } from "#storage/database.js";
import { newIdentifier } from "#storage/identifiers.js";
import { type AuditRecord, serverChain } from "#storage/types.js";

/** Refused connections that get a row of their own each minute; the others are counted into one row. */
const rowsPerMinute = 60;
const minute = 60_000;

/**
 * Writes connections that failed before any request into the server's audit chain. A flood of them cannot fill the
 * disk: above a rate they are counted, and one row a minute says how many there were.
 */
export class HandshakeAudit {
  private readonly database: Database;
  private readonly log: DatabaseLogger;
  private readonly listener: string;
  private readonly timer: NodeJS.Timeout;
  private written = 0;
  private counted = 0;

  constructor(database: Database, log: DatabaseLogger, listener: string) {
    this.database = database;
    this.log = log;
    this.listener = listener;
    this.timer = setInterval(() => this.turn(), minute).unref();
  }

  /** Records one failure, by itself or in the count of this minute. */
  record(failure: HandshakeFailure): void {
    if (this.written >= rowsPerMinute) {
      this.counted += 1;
      return;
    }
    this.written += 1;
    this.append(recordOf(failure.remoteAddress, failure.peer?.fingerprint256 ?? null, failure.code, this.detail()));
  }

  /** Writes what is counted and ends. */
  stop(): void {
    clearInterval(this.timer);
    this.turn();
  }

  private turn(): void {
    this.written = 0;
    if (this.counted === 0) return;
    const detail = { ...this.detail(), count: String(this.counted) };
    this.counted = 0;
    this.append(recordOf(null, null, "many", detail));
  }

  private detail(): Readonly<Record<string, string>> {
    return { listener: this.listener };
  }

  private append(record: AuditRecord): void {
    this.database.commit([change("audit", "append", record)]).catch((error: unknown) => {
      this.log.error({ error }, "a refused connection could not be audited");
    });
  }
}

function recordOf(
  sourceAddress: string | null,
  certificateFingerprint: string | null,
  resultReason: string,
  detail: Readonly<Record<string, string>>,
): AuditRecord {
  return {
    tenantId: serverChain,
    timeMs: Date.now(),
    eventId: newIdentifier(),
    clientId: null,
    clientName: null,
    certificateFingerprint,
    sourceAddress,
    protocolVersion: null,
    operation: "(connection)",
    objectId: null,
    partition: null,
    outcome: "failure",
    resultReason,
    durationMicroseconds: null,
    correlationId: randomUUID(),
    detail: JSON.stringify(detail),
  };
}

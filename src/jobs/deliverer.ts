import { OperationTable } from "#protocol/enums/index.js";
import { enumerationName } from "#protocol/enums/table.js";
import { formatVersion, type ProtocolVersion } from "#protocol/versions.js";
import { change } from "#storage/changes.js";
import type { Database, DatabaseLogger } from "#storage/database.js";
import type { DeliveryRow, DestinationRow } from "#storage/destination-types.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { AuditPosition, AuditRecord } from "#storage/types.js";
import { ClaimedWork } from "./claimed-work.js";

/** How a message to a client ended: for good, whichever way. */
export interface DeliveryEnd {
  /** Name of the Result Reason; null on success. */
  readonly reason: string | null;
  readonly version: ProtocolVersion | null;
}

/** The other side of a destination, ready to be asked. */
export interface Endpoint {
  /** Sends a message and waits for its answer. Rejects where there is none: the message is then sent again later. */
  deliver(delivery: DeliveryRow): Promise<DeliveryEnd>;
  /** Ends what was opened for this. */
  close(): void;
}

/** What a deliverer works with. */
export interface DelivererOptions {
  readonly database: Database;
  readonly log: DatabaseLogger;
  /** Whether this node has a way to the destination now. */
  readonly reaches: (destination: DestinationRow) => boolean;
  /** Opens the way. Rejects where it cannot. */
  readonly open: (destination: DestinationRow) => Promise<Endpoint>;
  readonly auditAppended: (position: AuditPosition) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How often it looks for what is due, beside being told of new messages. */
const lookMilliseconds = 2_000;
/** How long a node has a destination for itself before another one may take it. */
const claimMilliseconds = 120_000;
const firstPauseMilliseconds = 1_000;
const longestPauseMilliseconds = 600_000;

/**
 * Delivers what the server has to tell: one message of a destination at a time, in order, each until it is answered or
 * has expired. Where a destination cannot be reached, everything for it waits, ever longer.
 */
export class Deliverer {
  private readonly options: DelivererOptions;
  private readonly work: ClaimedWork;

  constructor(options: DelivererOptions) {
    this.options = options;
    this.work = new ClaimedWork({
      log: options.log,
      everyMilliseconds: lookMilliseconds,
      claimDue: () => this.beginDue(),
      whenUnseen: "messages to clients cannot be looked for",
      now: options.now,
    });
  }

  start(): void {
    this.work.start();
  }

  /** Something may be due. */
  look(): void {
    this.work.look();
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  stop(): Promise<void> {
    return this.work.stop();
  }

  private async beginDue(): Promise<void> {
    for (const destination of await this.options.database.read.destinations.due(this.options.now())) {
      if (this.work.isRunning(destination.id) || !this.options.reaches(destination)) continue;
      this.begin(destination);
    }
  }

  private begin(destination: DestinationRow): void {
    const { id, name } = destination;
    this.work.begin(id, () =>
      this.serve(destination).catch((error: unknown) => {
        this.options.log.error({ error, destination: name }, "messages to a client could not be gone on with");
      }),
    );
  }

  private async serve(destination: DestinationRow): Promise<void> {
    const { database, now } = this.options;
    const claimed = change("destinations", "claim", destination.id, now(), now() + claimMilliseconds);
    const [isOurs] = await database.commit([claimed]);
    if (!isOurs) return;
    let endpoint: Endpoint | undefined;
    try {
      endpoint = await this.options.open(destination);
      await this.deliverAll(destination, endpoint);
    } catch (error) {
      await this.failed(destination, error);
    } finally {
      endpoint?.close();
    }
  }

  private async deliverAll(destination: DestinationRow, endpoint: Endpoint): Promise<void> {
    const { database, now } = this.options;
    while (!this.work.stopped) {
      const delivery = await database.read.destinations.firstDelivery(destination.id);
      if (delivery === null) break;
      const expired: DeliveryEnd = { reason: "Expired", version: null };
      await this.ended(destination, delivery, delivery.expiresAt < now() ? expired : await endpoint.deliver(delivery));
    }
    await database.commit([change("destinations", "claim", destination.id, now(), 0)]);
  }

  private async ended(destination: DestinationRow, delivery: DeliveryRow, end: DeliveryEnd): Promise<void> {
    const { database, now, auditAppended } = this.options;
    const [, , , position] = await database.commit([
      change("destinations", "delivered", delivery.id),
      change("destinations", "attempted", destination.id, {
        failures: 0,
        nextAttemptAt: 0,
        lastError: end.reason,
        lastDeliveredAt: now(),
      }),
      change("destinations", "claim", destination.id, now(), now() + claimMilliseconds),
      change("audit", "append", recordOf(destination, delivery, end, now())),
    ]);
    auditAppended(position);
  }

  private async failed(destination: DestinationRow, error: unknown): Promise<void> {
    const { database, log, now } = this.options;
    const current = (await database.read.destinations.byName(destination.tenantId, destination.name)) ?? destination;
    const failures = current.failures + 1;
    const pause = Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** Math.min(failures - 1, 20));
    const lastError = error instanceof Error ? error.message : String(error);
    log.warn({ destination: destination.name, failures, pause, reason: lastError }, "a destination is not reached");
    const { lastDeliveredAt } = current;
    const attempt = { failures, nextAttemptAt: now() + pause, lastError, lastDeliveredAt };
    await database.commit([change("destinations", "attempted", destination.id, attempt)]);
  }
}

function recordOf(destination: DestinationRow, delivery: DeliveryRow, end: DeliveryEnd, now: number): AuditRecord {
  return {
    tenantId: destination.tenantId,
    timeMs: now,
    eventId: newIdentifier(),
    clientId: destination.clientId,
    clientName: destination.name,
    certificateFingerprint: null,
    sourceAddress: destination.host === null ? null : `${destination.host}:${destination.port}`,
    protocolVersion: end.version === null ? null : formatVersion(end.version),
    operation: enumerationName(OperationTable, delivery.operation) ?? "(unknown)",
    objectId: delivery.objectId,
    partition: null,
    outcome: end.reason === null ? "success" : "failure",
    resultReason: end.reason,
    durationMicroseconds: null,
    correlationId: delivery.id,
    detail: delivery.detail,
  };
}

import type { ProtocolVersion } from "#protocol/versions.js";
import type { Attestation } from "#src/access/attestation.js";
import type { AccessPolicy } from "#src/access/authorise.js";
import type { Credentials } from "#src/access/credentials.js";
import type { Identities } from "#src/access/identities.js";
import type { DecryptionWatch } from "#src/crypto/decryption-watch.js";
import type { ObjectStore, PartitionOf } from "#src/inventory/object-store.js";
import type { Deployment } from "#src/operations/contract/deployment.js";
import type { Operation } from "#src/operations/contract/operation.js";
import type { OpenStreams } from "#src/operations/cryptography/open-streams.js";
import type { CryptokiInstances } from "#src/operations/cryptoki/instances.js";
import type { AsynchronousLimits } from "#storage/asynchronous-types.js";
import type { Database } from "#storage/database.js";
import type { AuditPosition } from "#storage/types.js";
import type { Forwarding } from "./forwarding.js";
import type { Outbox } from "./to-clients/outbox.js";
import type { WorkSharing } from "./turns/work-sharing.js";

/** Wall-clock and steady time, passed in so that tests can set them. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  wallMilliseconds(): number;
  /** Microseconds of a clock that never steps back; only differences mean anything. */
  steadyMicroseconds(): number;
}

/** The part of a logger the pipeline needs. */
export interface PipelineLog {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

/** What is told to the metrics about each batch item. */
export interface PipelineMetrics {
  itemDone(operation: string, outcome: string, microseconds: number): void;
}

/** Limits on messages, beside those of the codec. */
export interface MessageLimits {
  /** The versions that are spoken, best first. */
  readonly versions: readonly ProtocolVersion[];
  readonly maximumBatchItems: number;
  readonly maximumMessageBytes: number;
  readonly maximumDepth: number;
  readonly maximumItems: number;
  /** Items that have not begun by then are refused. */
  readonly requestMilliseconds: number;
}

/** Encrypts and authenticates what rests in the database; it opens only under the context it was sealed under. */
export interface Sealing {
  seal(plaintext: Buffer, context: string): Promise<Buffer>;
  unseal(sealed: Buffer, context: string): Promise<Buffer>;
}

/** What takes requests to be worked on later. */
export interface AsynchronousWork {
  readonly sealing: Sealing;
  readonly limits: AsynchronousLimits;
  /** Between taking a request in and beginning it, unless it is polled for: time to cancel it. */
  readonly startDelayMilliseconds: number;
  /** How long a request, and then its answer, is kept for its client. */
  readonly lifetimeMilliseconds: number;
  /** How long an answer is given again after it was first given: one may be lost on its way. */
  readonly repeatMilliseconds: number;
  /** Told when a request was taken in, and from when on it may be worked on (milliseconds since 1970). */
  submitted(notBefore: number): void;
  /** Has the work on a batch begin; resolves when its run has ended, or after the given time at the latest. */
  hasten(batchId: string, milliseconds: number): Promise<void>;
}

/** What around the server keeps it from serving as it otherwise would. */
export interface Surroundings {
  /** The disk has little space left: nothing new is made. */
  isSpaceShort(): boolean;
  /** No checkpoint of the audit trail has reached the file outside the database for too long: nothing is performed. */
  isAuditUnsecured(): boolean;
}

/** Everything the pipeline works with, composed in main.ts. */
export interface Services {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly partitionOf: PartitionOf;
  readonly identities: Identities;
  readonly attestation: Attestation;
  readonly credentials: Credentials;
  /** The policy of a tenant. */
  policyOf(tenantId: string): AccessPolicy;
  /** The operation with this code, or undefined. */
  operation(code: number): Operation | undefined;
  readonly deployment: Deployment;
  readonly decryptions: DecryptionWatch;
  readonly streams: OpenStreams;
  /** Where messages go that go on with what another process keeps. */
  readonly forwarding: Forwarding;
  /** What clients of the operation PKCS#11 keep between requests. */
  readonly cryptoki: CryptokiInstances;
  readonly nodeId: string;
  /** Told where each audit row came to stand. */
  auditAppended(position: AuditPosition): void;
  readonly limits: MessageLimits;
  /** Whose request is worked on next. */
  readonly sharing: WorkSharing;
  readonly asynchronous: AsynchronousWork;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly surroundings: Surroundings;
  readonly log: PipelineLog;
  readonly metrics: PipelineMetrics;
}

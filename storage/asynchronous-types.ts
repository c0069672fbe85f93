/** Where an asynchronous request stands. Everything but the first two is final. */
export type AsynchronousState =
  | "submitted"
  | "running"
  | "succeeded"
  | "failed"
  /** It was done and taken back, as a batch that is undone as a whole. */
  | "undone"
  | "canceled";

/** A batch item that is worked on apart from the request that brought it (KMIP 2.1 §7.2). */
export interface AsynchronousRequestRow {
  readonly tenantId: string;
  /** The Asynchronous Correlation Value: 16 bytes as 32 lower-case hexadecimal digits. */
  readonly id: string;
  /** The client that submitted it, and nobody else, may ask for it. */
  readonly clientId: string;
  /** The items of one request are worked on in order: they share this, and `position` counts them from 0. */
  readonly batchId: string;
  readonly position: number;
  /** The batch is one unit of work, committed whole or not at all. */
  readonly isUnit: boolean;
  /** Value of the Operation enumeration. */
  readonly operation: number;
  readonly state: AsynchronousState;
  /** Microseconds since 1970. */
  readonly submittedAt: number;
  /** Work does not begin before this, in milliseconds since 1970. */
  readonly notBefore: number;
  /** Names the run that works on it; a commit of another run is refused. */
  readonly claim: string | null;
  readonly claimedAt: number | null;
  readonly nodeId: string;
  /** When the client first took note of the end; null while the request is outstanding. */
  readonly obtainedAt: number | null;
  /** The client asked for Process (KMIP 2.1 §6.1.39). */
  readonly isProcessed: boolean;
  /** When the row may be removed, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** What is to be done, sealed; null once it is done. */
  readonly sealedRequest: Buffer | null;
  /** How it ended, sealed. */
  readonly sealedAnswer: Buffer | null;
}

/** A request without what it holds: a list of many stays small. */
export type AsynchronousRequestEntry = Omit<AsynchronousRequestRow, "sealedRequest" | "sealedAnswer">;

/** How a run ended one item. */
export interface AsynchronousOutcome {
  readonly tenantId: string;
  readonly id: string;
  readonly claim: string;
  readonly state: "succeeded" | "failed" | "undone";
  readonly sealedAnswer: Buffer;
}

/** The most requests that may be outstanding at once. */
export interface AsynchronousLimits {
  readonly ofClient: number;
  readonly ofTenant: number;
}

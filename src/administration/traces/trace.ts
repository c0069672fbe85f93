import { topic } from "#src/siblings/siblings.js";

/** What an operator asks to be recorded. */
export interface TraceRequest {
  readonly tenant: string;
  /** Only this client; all of the tenant where left out. */
  readonly client?: string;
  /** How long, in seconds. */
  readonly seconds?: number;
  /** How large the file may grow. */
  readonly maximumBytes?: number;
  readonly maximumRequests?: number;
}

/** What a trace may be asked to be, and is unless asked otherwise. */
export const traceLimits = {
  seconds: { standard: 600, most: 24 * 3600 },
  maximumBytes: { standard: 50 * 1024 * 1024, most: 1024 * 1024 * 1024 },
  maximumRequests: { standard: 100_000, most: 10_000_000 },
  /** Traces that run at a time. */
  running: 4,
  /** Files that are kept; the oldest is removed where another trace is started. */
  kept: 50,
} as const;

/** A trace, running or ended. */
export interface TraceSummary {
  readonly id: string;
  readonly tenant: string;
  /** Null for all clients of the tenant. */
  readonly client: string | null;
  readonly startedAt: string;
  /** When it ends at the latest. */
  readonly until: string;
  readonly running: boolean;
  /** Why it ended; null while it runs. */
  readonly ended: string | null;
  readonly bytes: number;
  /** The file, on the server. */
  readonly file: string;
}

/** What each process must know of a trace that runs. */
export interface ActiveTrace {
  readonly id: string;
  readonly tenantId: string;
  /** Null for all clients of the tenant. */
  readonly clientId: string | null;
  /** Base64 of the key of the digests of secrets: made for this trace, and nowhere when it is over. */
  readonly digestKey: string;
}

/** A piece of a trace on its way to the process that writes the file. */
export interface TracePiece {
  readonly id: string;
  readonly text: string;
  /** Requests in it. */
  readonly requests: number;
  /** Requests before it that are missing, because the writer did not keep up. */
  readonly missing: number;
}

export const traceTopics = {
  /** Which traces run from now on. */
  running: topic<readonly ActiveTrace[]>("traces that run"),
  piece: topic<TracePiece, null>("piece of a trace"),
} as const;

import type { ClientIdentity } from "#test/support/kmip-client.js";

/** What the load process is to do: send these requests again and again over so many connections, one in flight each. */
export interface LoadPlan {
  readonly port: number;
  readonly identity: ClientIdentity;
  readonly connections: number;
  readonly seconds: number;
  /** Sent before measuring, for as long. */
  readonly warmUpSeconds: number;
  /** Encoded messages, in base 64; each connection goes through them from another start. */
  readonly requests: readonly string[];
  /** Byte sequences, in hexadecimal, that an answer must hold to count as a success. */
  readonly mustContain: readonly string[];
}

/** What came of it. Only verified successes are counted in the rates and the times. */
export interface LoadResult {
  readonly successes: number;
  readonly errors: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** All requests that were answered, those before measuring included. */
  readonly exchanges: number;
  /** Processor time the load itself took for each of them, in microseconds. */
  readonly loadMicroseconds: number;
}

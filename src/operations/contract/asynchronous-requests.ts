import type { AsynchronousRequestEntry, AsynchronousRequestRow } from "#storage/asynchronous-types.js";
import type { Change } from "#storage/changes.js";
import type { ItemAnswer } from "./item-answer.js";

/** The asynchronous requests of the client that asks (KMIP 2.1 §7.2); those of others are not there. */
export interface AsynchronousRequests {
  /** The request with this Asynchronous Correlation Value, or undefined. */
  find(correlationValue: Buffer): Promise<AsynchronousRequestRow | undefined>;
  /** Those whose end the client has not taken note of, oldest first. */
  outstanding(): Promise<readonly AsynchronousRequestEntry[]>;
  /** Has the work begin without further delay. Resolves when it has ended, or after the given time at the latest. */
  hasten(row: AsynchronousRequestRow, milliseconds: number): Promise<void>;
  /** How an ended request ended, in the version of the request that asks. Throws KmipError. */
  answerOf(row: AsynchronousRequestRow): Promise<ItemAnswer>;
  /** The change by which the client has taken note of an end. */
  obtained(row: AsynchronousRequestRow): Change;
}

/** Whether a request is still worked on, or waits to be. */
export function isOutstanding({ state }: AsynchronousRequestRow): boolean {
  return state === "submitted" || state === "running";
}

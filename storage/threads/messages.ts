import type { Change } from "../changes.js";
import type { DatabaseAddress, DatabaseConfiguration } from "../configuration.js";
import { StorageError, type StorageErrorCode, type UniqueConstraint } from "../errors.js";
import type { AuditPosition } from "../types.js";

/** What a database thread does. Each has connections of its own. */
export type ThreadRole = "write" | "read";

/** What a thread is started with. */
export interface ThreadData {
  readonly role: ThreadRole;
  readonly configuration: DatabaseConfiguration;
  /** Rows that the database must have: what is written to is never behind what was acknowledged. */
  readonly acknowledged?: readonly AuditPosition[];
  /** Where to read, once it is known where is written. */
  readonly followed?: DatabaseAddress | undefined;
}

/** A read, as it is sent to the reading thread. */
export interface ReadCall {
  readonly id: number;
  readonly repository: string;
  readonly method: string;
  readonly parameters: readonly unknown[];
}

/** A commit, as it is sent to the writing thread. */
export interface CommitCall {
  readonly id: number;
  readonly changes: readonly Change[];
}

/** StorageError as plain data. */
export interface ErrorData {
  readonly code: StorageErrorCode;
  readonly message: string;
  readonly constraint: UniqueConstraint | undefined;
  readonly outcomeUnknown: boolean;
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorData };

/** To a thread: all calls of one turn of the event loop, where is written from now on, or the wish that it ends. */
export type ToThread<Call> =
  | { readonly calls: readonly Call[] }
  | { readonly follow: DatabaseAddress }
  | { readonly close: true };

/** A new connection to write over, and what an operator should know of how it was come by. */
export interface Opened {
  readonly address: DatabaseAddress | undefined;
  readonly warnings: readonly string[];
}

/** From a thread. `ready` or `failed` comes first and once. */
export type FromThread =
  | { readonly ready: true; readonly migrations: readonly string[] }
  | { readonly failed: ErrorData }
  | { readonly opened: Opened }
  | { readonly answers: readonly Answer[] };

/** An error as plain data; whatever is no StorageError is a mistake of ours. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof StorageError) {
    const { code, message, constraint, outcomeUnknown } = error;
    return { code, message, constraint, outcomeUnknown };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: "internal", message, constraint: undefined, outcomeUnknown: false };
}

/** And back. */
export function errorFrom({ code, message, constraint, outcomeUnknown }: ErrorData): StorageError {
  return new StorageError(code, message, { ...(constraint === undefined ? {} : { constraint }), outcomeUnknown });
}

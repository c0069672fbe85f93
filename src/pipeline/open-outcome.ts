import { setTimeout as pause } from "node:timers/promises";
import { change } from "#storage/changes.js";
import { StorageError } from "#storage/errors.js";
import type { AuditRecord } from "#storage/types.js";
import { type Committing, commitAudited, type Ending } from "./commit-audited.js";

/**
 * A commit that an interruption kept from happening, and that cannot happen any more: its failure is recorded in its
 * place.
 */
export class NotCommitted extends StorageError {
  constructor(cause: StorageError) {
    super(cause.code, cause.message, { cause });
  }
}

/**
 * How long the outcome of a commit is looked for, from when it was asked for, so that a request is answered within five
 * seconds whatever the database does; and between two looks; in milliseconds.
 */
export const outcomePatience = { longest: 4_500, between: 100 } as const;

/** A commit of which nobody knows whether it happened. */
export interface OpenCommit {
  /** What it would have recorded. */
  readonly records: readonly AuditRecord[];
  /** What left it open. */
  readonly reason: StorageError;
  /** Gives what is committed where it did not happen: records under the same event identifiers, first of all. */
  readonly instead: (reason: NotCommitted) => Promise<Ending>;
  /** Until when it is looked for, by `performance.now()`. */
  readonly until: number;
}

/**
 * Finds out what became of a commit that was interrupted. Resolves where it happened; throws NotCommitted where it did
 * not, and `instead` stands in its place; throws an error of unknown outcome where the database does not tell in time.
 *
 * Why it is sound: the audit records of both have the same event identifiers, which are unique in the database, and each
 * is in the transaction whose outcome it tells. So the database takes one of the two only, whatever it has still to do of
 * the other: a connection that was cut may have its commit under way, a thread may have it in its queue. Where the first
 * is still being committed, the second waits for it at the index, and is refused if it comes true; where the second is
 * there, the first is refused as a whole, objects included. That holds for processes and for what is left of a look that
 * nobody waits for any more.
 *
 * It is looked for by a commit: so it is the database that is written to that tells, which is not behind what was
 * acknowledged, and what was found is durable where new commits are, on standbys too, before anybody is told of it.
 */
export async function settleOutcome(committing: Committing, open: OpenCommit): Promise<void> {
  const { reason, until } = open;
  const search: Search = { found: undefined, last: reason };
  const silence = pause(Math.max(0, until - performance.now()), undefined, { ref: false });
  await Promise.race([lookOn(committing, open, search), silence]);
  if (search.found === "happened") return;
  if (search.found === "did not happen") throw new NotCommitted(reason);
  throw new StorageError(reason.code, reason.message, { outcomeUnknown: true, cause: search.last });
}

type Found = "happened" | "did not happen";

interface Search {
  found: Found | undefined;
  /** Why the last look told nothing. */
  last: unknown;
}

async function lookOn(committing: Committing, open: OpenCommit, search: Search): Promise<void> {
  while (performance.now() < open.until) {
    try {
      search.found = await look(committing, open);
      if (search.found !== undefined) return;
    } catch (error) {
      search.last = error;
    }
    await pause(outcomePatience.between, undefined, { ref: false });
  }
}

/** Looks once. Throws whatever keeps it from being told, a commit that comes true meanwhile included. */
async function look(committing: Committing, { records, reason, instead }: OpenCommit): Promise<Found> {
  const [first] = records;
  if (first === undefined) throw new TypeError("the outcome of a commit without audit records cannot be found out");
  const { tenantId, eventId, outcome } = first;
  const [found] = await committing.database.commit([change("audit", "confirm", tenantId, eventId)]);
  if (found !== null) {
    committing.auditAppended(found.position);
    return found.outcome === outcome ? "happened" : "did not happen";
  }
  const ending = await instead(new NotCommitted(reason));
  await commitAudited(committing, ending);
  return ending.records[0]?.outcome === outcome ? "happened" : "did not happen";
}

/** An error of what was committed ahead of a request: whatever became of that, the request itself was not performed. */
export function aheadOfRequest(error: unknown): unknown {
  if (!(error instanceof StorageError) || !error.outcomeUnknown) return error;
  return new StorageError(error.code, error.message, { cause: error });
}

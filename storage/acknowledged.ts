import type { Connection } from "./connection.js";
import { StorageError } from "./errors.js";
import { auditReads } from "./repositories/audit.js";
import type { AuditPosition } from "./types.js";

/** Chains looked for together. */
const chainsAtOnce = 64;

/**
 * Where the audit chains stood when a commit was last answered. A database that lacks one of these rows is not the one
 * that acknowledged them: a standby that was promoted without them, a primary that others have left behind, or a backup.
 */
export class Acknowledged {
  readonly #chains = new Map<string, AuditPosition>();

  constructor(positions: Iterable<AuditPosition>) {
    for (const position of positions) this.note(position);
  }

  /** A row is durable, and somebody is told so. */
  note(position: AuditPosition): void {
    const chain = `${position.tenantId} ${position.nodeId}`;
    const known = this.#chains.get(chain)?.sequence ?? 0;
    if (position.sequence >= known) this.#chains.set(chain, position);
  }

  /** Looks for all of them in a database. Throws StorageError, `behind` where one is missing or is another row. */
  async check(connection: Connection): Promise<void> {
    const positions = [...this.#chains.values()];
    for (let next = 0; next < positions.length; next += chainsAtOnce) {
      const page = positions.slice(next, next + chainsAtOnce);
      await Promise.all(page.map((position) => checkRow(connection, position)));
    }
  }
}

async function checkRow(connection: Connection, position: AuditPosition): Promise<void> {
  const { tenantId, nodeId, sequence } = position;
  if ((await auditReads.firstUnmet(connection, tenantId, nodeId, [position])) === null) return;
  const row = `row ${sequence} of the audit chain of ${tenantId} and ${nodeId}`;
  throw new StorageError("behind", `the database lacks what was acknowledged: ${row} is not there, or is another one`);
}

import type {
  AsynchronousLimits,
  AsynchronousOutcome,
  AsynchronousRequestEntry,
  AsynchronousRequestRow,
} from "../asynchronous-types.js";
import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { asynchronousRequestsTable } from "../request-tables.js";
import { slot, statement } from "../statements.js";
import type { WriteSession } from "../write-session.js";

const table = "asynchronous_requests";
const open = ["submitted", "running"];
const selection = asynchronousRequestsTable.selection.slice();
const withoutDocuments = selection.filter((each) => !/sealed(Request|Answer)$/.test(each));

const byId = statement((knex) =>
  knex(table)
    .select(selection)
    .where({ tenant_id: slot(0), id: slot(1) }),
);
const outstanding = statement((knex) =>
  knex(table)
    .select(withoutDocuments)
    .where({ tenant_id: slot(0), client_id: slot(1) })
    .whereNull("obtained_at")
    .orderBy(["submitted_at", "batch_id", "position"]),
);
const ofBatch = statement((knex) =>
  knex(table)
    .select(selection)
    .where({ batch_id: slot(0) })
    .orderBy("position"),
);
const nextDue = statement((knex) =>
  knex(table)
    .select("not_before as notBefore", "batch_id as batchId")
    .where({ state: "submitted" })
    .orderBy(["not_before", "batch_id"])
    .limit(1),
);
const countOfClient = statement((knex) =>
  knex(table)
    .count("id as count")
    .where({ tenant_id: slot(0), client_id: slot(1) })
    .whereNull("obtained_at"),
);
const countOfTenant = statement((knex) =>
  knex(table)
    .count("id as count")
    .where({ tenant_id: slot(0) })
    .whereNull("obtained_at"),
);
// The items of a batch are worked on in order, so none of them is claimed while another one is in work.
const claimBatch = statement((knex) =>
  knex(table)
    .where({ batch_id: slot(3), state: "submitted" })
    .whereNotIn(
      "batch_id",
      knex(table)
        .select("batch_id")
        .where({ state: "running", batch_id: slot(3) }),
    )
    .update({ state: "running", claim: slot(0), claimed_at: slot(1), node_id: slot(2) }),
);
const releaseOfNode = statement((knex) =>
  knex(table)
    .where({ state: "running", node_id: slot(0) })
    .update({ state: "submitted", claim: null, claimed_at: null }),
);
const releaseAbandoned = statement((knex) =>
  knex(table)
    .where({ state: "running" })
    .where("claimed_at", "<", slot(0))
    .update({ state: "submitted", claim: null, claimed_at: null }),
);
const finish = statement((knex) =>
  knex(table)
    .where({ tenant_id: slot(2), id: slot(3), state: "running", claim: slot(4) })
    .update({ state: slot(0), sealed_answer: slot(1), sealed_request: null }),
);
const cancel = statement((knex) =>
  knex(table)
    .where({ tenant_id: slot(0), id: slot(1) })
    .whereIn("state", open)
    .update({ state: "canceled", sealed_request: null, claim: null }),
);
const obtain = statement((knex) =>
  knex(table)
    .where({ tenant_id: slot(2), id: slot(3) })
    .whereNull("obtained_at")
    .update({ obtained_at: slot(0), expires_at: slot(1) }),
);
const hasten = statement((knex) =>
  knex(table)
    .where({ batch_id: slot(0), state: "submitted" })
    .update({ not_before: 0 }),
);
const postpone = statement((knex) =>
  knex(table)
    .where({ batch_id: slot(1), state: "submitted" })
    .update({ not_before: slot(0) }),
);
const giveBack = statement((knex) =>
  knex(table)
    .where({ batch_id: slot(1), claim: slot(2), state: "running" })
    .update({ state: "submitted", claim: null, claimed_at: null, not_before: slot(0) }),
);
const markProcessed = statement((knex) =>
  knex(table)
    .where({ tenant_id: slot(0), id: slot(1), is_processed: 0 })
    .update({ is_processed: 1 }),
);
const removeExpired = statement((knex) =>
  knex(table)
    .where("expires_at", "<", slot(0))
    .whereNotIn("batch_id", knex(table).select("batch_id").whereIn("state", open).where("expires_at", ">=", slot(0)))
    .delete(),
);

export const asynchronousRequestReads = {
  byId: (connection: Connection, tenantId: string, id: string): Promise<AsynchronousRequestRow | null> =>
    connection.row(asynchronousRequestsTable, byId, [tenantId, id]),

  /** The requests of a client whose end it has not taken note of, oldest first. */
  outstanding: (connection: Connection, tenantId: string, clientId: string): Promise<AsynchronousRequestEntry[]> =>
    connection.rows(asynchronousRequestsTable, outstanding, [tenantId, clientId]),

  /** All items of one batch, by position, whatever their state. */
  ofBatch: (connection: Connection, batchId: string): Promise<AsynchronousRequestRow[]> =>
    connection.rows(asynchronousRequestsTable, ofBatch, [batchId]),

  /** The batch that is to be worked on next and from when on (milliseconds since 1970); null where none waits. */
  async nextDue(connection: Connection): Promise<{ readonly notBefore: number; readonly batchId: string } | null> {
    const [row] = await connection.select(nextDue, []);
    return row === undefined ? null : (row as { notBefore: number; batchId: string });
  },
};

async function countAtMost(
  session: WriteSession,
  counted: typeof countOfClient,
  values: readonly string[],
  limit: number,
): Promise<void> {
  const [row] = await session.select(counted, values);
  if (Number(row?.["count"]) > limit) throw new StorageError("limit", `more than ${limit} requests are outstanding`);
}

/** Runs a conditional change of one row. Throws `conflict` where the row is not as the condition wants it. */
async function changeOne(change: Promise<number>): Promise<void> {
  if ((await change) !== 1) throw new StorageError("conflict", "the asynchronous request is in another state by now");
}

export const asynchronousRequestWrites = {
  /** Takes a request in. Throws `duplicate` (asynchronous_requests.id), and `limit` where there are too many. */
  async submit(session: WriteSession, row: AsynchronousRequestRow, limits: AsynchronousLimits): Promise<void> {
    session.insert(asynchronousRequestsTable, [row]);
    await countAtMost(session, countOfClient, [row.tenantId, row.clientId], limits.ofClient);
    await countAtMost(session, countOfTenant, [row.tenantId], limits.ofTenant);
  },

  /** Takes all items of a batch that wait into one run. Gives how many: 0 where another run was faster. */
  claim: (session: WriteSession, batchId: string, claim: string, nowMs: number): Promise<number> =>
    session.run(claimBatch, [claim, nowMs, session.nodeId, batchId]),

  /** Gives back what this node was working on when it ended. */
  async releaseOwn(session: WriteSession): Promise<void> {
    await session.run(releaseOfNode, [session.nodeId]);
  },

  /** Gives back what any node has been working on since before a time (milliseconds since 1970). */
  async releaseAbandoned(session: WriteSession, beforeMs: number): Promise<void> {
    await session.run(releaseAbandoned, [beforeMs]);
  },

  /** Records an end. Throws `conflict` where the run has lost the item: it was canceled, or taken over. */
  finish: (session: WriteSession, { tenantId, id, claim, state, sealedAnswer }: AsynchronousOutcome): Promise<void> =>
    changeOne(session.run(finish, [state, sealedAnswer, tenantId, id, claim])),

  /** Throws `conflict` where it has ended already. */
  cancel: (session: WriteSession, tenantId: string, id: string): Promise<void> =>
    changeOne(session.run(cancel, [tenantId, id])),

  /** The client has taken note of the end; from then on the row is kept until `expiresAt` only. */
  async obtain(session: WriteSession, tenantId: string, id: string, nowMs: number, expiresAt: number): Promise<void> {
    await session.run(obtain, [nowMs, expiresAt, tenantId, id]);
  },

  /** Has the work of a batch begin without further delay. */
  async hasten(session: WriteSession, batchId: string): Promise<void> {
    await session.run(hasten, [batchId]);
  },

  /** Has the work of a batch begin no sooner than a time (milliseconds since 1970). */
  async postpone(session: WriteSession, batchId: string, notBefore: number): Promise<void> {
    await session.run(postpone, [notBefore, batchId]);
  },

  /** Ends a run whose items have not all ended: they are worked on again, no sooner than a time. */
  async giveBack(session: WriteSession, batchId: string, claim: string, notBefore: number): Promise<void> {
    await session.run(giveBack, [notBefore, batchId, claim]);
  },

  /** Throws `conflict` where Process was asked for before. */
  markProcessed: (session: WriteSession, tenantId: string, id: string): Promise<void> =>
    changeOne(session.run(markProcessed, [tenantId, id])),

  /** Removes what has expired, but for batches that are still worked on. Gives the number of rows. */
  removeExpired: (session: WriteSession, nowMs: number): Promise<number> => session.run(removeExpired, [nowMs]),
};

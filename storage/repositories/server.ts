import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { slot, statement } from "../statements.js";
import { nodesTable, operatorsTable, serverStateTable } from "../tables.js";
import type { CertificateState, NodeRow, OperatorRow } from "../types.js";
import type { WriteSession } from "../write-session.js";

const stateByKey = statement((knex) =>
  knex("server_state")
    .select(serverStateTable.selection.slice())
    .where({ key: slot(0) }),
);
const setState = statement((knex) =>
  knex("server_state")
    .insert({ key: slot(0), value: slot(1) })
    .onConflict("key")
    .merge(["value"]),
);
const anyAuditRow = statement((knex) => knex("audit").select("sequence").limit(1));
const allNodes = statement((knex) => knex("nodes").select(nodesTable.selection.slice()).orderBy("id"));
const registerNode = statement((knex) =>
  knex("nodes")
    .insert({ id: slot(0), name: slot(1), started_at: slot(2), software_version: slot(3) })
    .onConflict("id")
    .merge(["name", "started_at", "software_version"]),
);
const operatorByFingerprint = statement((knex) =>
  knex("operators")
    .select(operatorsTable.selection.slice())
    .where({ fingerprint: slot(0) }),
);
const allOperators = statement((knex) => knex("operators").select(operatorsTable.selection.slice()).orderBy("name"));
const setOperatorState = statement((knex) =>
  knex("operators")
    .where({ fingerprint: slot(0) })
    .update({ state: slot(1) }),
);

/** Facts about the installation. */
export const serverStateReads = {
  /** The value of a key, or null. */
  async get(connection: Connection, key: string): Promise<string | null> {
    return (await connection.row(serverStateTable, stateByKey, [key]))?.value ?? null;
  },
};

export const serverStateWrites = {
  /** Sets the value of a key. */
  async set(session: WriteSession, key: string, value: string): Promise<void> {
    await session.run(setState, [key, value]);
  },

  /** Tries whether requests could be recorded: sets the value of a key, and looks into the audit trail. */
  async tryOut(session: WriteSession, key: string, value: string): Promise<void> {
    await session.run(setState, [key, value]);
    await session.select(anyAuditRow, []);
  },
};

export const nodeReads = {
  /** All nodes that ever wrote here. */
  list: (connection: Connection): Promise<NodeRow[]> => connection.rows(nodesTable, allNodes, []),
};

export const nodeWrites = {
  /** Records that a node has started. */
  async register(session: WriteSession, node: NodeRow): Promise<void> {
    await session.run(registerNode, nodesTable.bindings(node));
  },
};

export const operatorReads = {
  byFingerprint: (connection: Connection, fingerprint: string): Promise<OperatorRow | null> =>
    connection.row(operatorsTable, operatorByFingerprint, [fingerprint]),

  list: (connection: Connection): Promise<OperatorRow[]> => connection.rows(operatorsTable, allOperators, []),
};

export const operatorWrites = {
  /** Throws `duplicate` (operators.fingerprint, operators.name). */
  create: (session: WriteSession, operator: OperatorRow): void => session.insert(operatorsTable, [operator]),

  /** Throws `conflict` where there is no such operator. */
  async setState(session: WriteSession, fingerprint: string, state: CertificateState): Promise<void> {
    const changed = await session.run(setOperatorState, [fingerprint, state]);
    if (changed === 0) throw new StorageError("conflict", "no such operator");
  },
};

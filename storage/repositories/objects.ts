import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import type { Further } from "../further.js";
import { slot, statement } from "../statements.js";
import { objectAttributesTable, objectNamesTable, objectsTable } from "../tables.js";
import type {
  IndexedAttribute,
  IndexedName,
  LocateFilter,
  LocateOptions,
  LocateResult,
  NewObject,
  ObjectRow,
  ObjectUpdate,
} from "../types.js";
import type { WriteSession } from "../write-session.js";
import { locate } from "./locate.js";
import { updateRow } from "./update.js";

const columns = objectsTable.selection.slice();

const byId = statement((knex) =>
  knex("objects")
    .select(columns)
    .where({ tenant_id: slot(0), id: slot(1) }),
);
const page = statement((knex) =>
  knex("objects")
    .select(columns)
    .where({ tenant_id: slot(0) })
    .where("creation_order", ">", slot(1))
    .orderByRaw("creation_order limit ?", [slot(2)]),
);
const namesOf = statement((knex) =>
  knex("object_names")
    .select("name", "name_type as nameType")
    .where({ tenant_id: slot(0), object_id: slot(1) })
    .orderBy(["name", "name_type"]),
);
const creationOrderOf = statement((knex) =>
  knex("objects")
    .select("creation_order as creationOrder")
    .where({ tenant_id: slot(0), id: slot(1) }),
);
const othersNamed = statement((knex) =>
  knex("object_names")
    .select("object_id as objectId")
    .where({ tenant_id: slot(0), name: slot(1), name_type: slot(2) })
    .whereNot("object_id", slot(3))
    .limit(1),
);
const dueForRotation = statement((knex) =>
  knex("objects")
    .select("tenant_id as tenantId", "id", "object_type as objectType", "rotate_at as rotateAt")
    .where("rotate_at", "<=", slot(0))
    .orderByRaw("rotate_at limit ?", [slot(1)]),
);
const setRotation = statement((knex) =>
  knex("objects")
    .where({ tenant_id: slot(1), id: slot(2), rotate_at: slot(3) })
    .update({ rotate_at: slot(0) }),
);
const deleteAttributes = statement((knex) =>
  knex("object_attributes")
    .where({ tenant_id: slot(0), object_id: slot(1) })
    .delete(),
);
const deleteNames = statement((knex) =>
  knex("object_names")
    .where({ tenant_id: slot(0), object_id: slot(1) })
    .delete(),
);

export const objectReads = {
  byId: (connection: Connection, tenantId: string, id: string): Promise<ObjectRow | null> =>
    connection.row(objectsTable, byId, [tenantId, id]),

  /** The objects among these that exist, in the order asked for. */
  async byIds(connection: Connection, tenantId: string, ids: readonly string[]): Promise<ObjectRow[]> {
    const found: ObjectRow[] = [];
    for (const id of ids) {
      const row = await connection.row(objectsTable, byId, [tenantId, id]);
      if (row !== null) found.push(row);
    }
    return found;
  },

  /** All objects of a tenant, page by page, oldest first; `after` is the creation order of the last one seen, or 0. */
  page: (connection: Connection, tenantId: string, after: number, limit: number): Promise<ObjectRow[]> =>
    connection.rows(objectsTable, page, [tenantId, after, limit]),

  /** The names under which an object is registered as live. */
  async names(connection: Connection, tenantId: string, id: string): Promise<IndexedName[]> {
    return (await connection.select(namesOf, [tenantId, id])) as unknown as IndexedName[];
  },

  /** Objects of all tenants that the server is to replace by `now` (seconds since 1970), those first that wait longest. */
  dueForRotation: async (connection: Connection, now: number, limit: number): Promise<RotationRow[]> =>
    (await connection.select(dueForRotation, [now, limit])) as unknown as RotationRow[],

  /** The unique identifiers of the objects that meet all filters, most recently created first. */
  locate: (
    connection: Connection,
    tenantId: string,
    filters: readonly LocateFilter[],
    options: LocateOptions,
  ): Promise<LocateResult | Further<LocateResult>> => locate(connection, tenantId, filters, options),
};

/** An object whose time of rotation has come. */
export interface RotationRow {
  readonly tenantId: string;
  readonly id: string;
  readonly objectType: number;
  /** As in ObjectRow. */
  readonly rotateAt: number;
}

interface IndexRows {
  readonly tenantId: string;
  readonly objectId: string;
  readonly creationOrder: number;
}

const insertAttributes = (
  session: WriteSession,
  { tenantId, objectId, creationOrder }: IndexRows,
  attributes: readonly IndexedAttribute[],
): void =>
  session.insert(
    objectAttributesTable,
    // One row for equal values: what is found twice must not be listed twice.
    [...new Map(attributes.map((entry) => [`${entry.attribute}\u0000${entry.value}`, entry])).values()].map(
      (entry) => ({ ...entry, tenantId, objectId, creationOrder }),
    ),
  );

const insertNames = (session: WriteSession, { tenantId, objectId }: IndexRows, names: readonly IndexedName[]): void =>
  session.insert(
    objectNamesTable,
    names.map((name) => ({ ...name, tenantId, objectId })),
  );

/** What an update leaves behind. */
export interface ObjectVersion {
  readonly version: number;
}

/** What the columns and the index of an object are to say. */
export interface IndexMend extends Pick<NewObject, "attributes" | "names"> {
  readonly row: Partial<ObjectRow>;
}

export const objectWrites = {
  /**
   * Makes the commit fail where another live object of the tenant has a name. Exact among the commits of one node, which
   * are made one after the other. Throws `duplicate` (object_names.name).
   */
  async requireFreeName(session: WriteSession, tenantId: string, id: string, name: IndexedName): Promise<void> {
    const [other] = await session.select(othersNamed, [tenantId, name.name, name.nameType, id]);
    if (other === undefined) return;
    throw new StorageError("duplicate", "another object has this name", { constraint: "object_names.name" });
  },

  /** Stores a new object. Throws `duplicate` (objects.id). */
  create(session: WriteSession, object: NewObject): ObjectVersion {
    const creationOrder = session.nextCreationOrder();
    const { tenantId, id: objectId } = object.row;
    session.insert(objectsTable, [{ ...object.row, version: 1, creationOrder }]);
    const index = { tenantId, objectId, creationOrder };
    insertAttributes(session, index, object.attributes);
    insertNames(session, index, object.names);
    return { version: 1 };
  },

  /**
   * Changes an object that is still at the version the caller read. Throws `conflict` where it is not or is not there.
   */
  async update(
    session: WriteSession,
    tenantId: string,
    id: string,
    expectedVersion: number,
    { row, attributes, names }: ObjectUpdate,
  ): Promise<ObjectVersion> {
    const version = expectedVersion + 1;
    await updateRow(session, objectsTable, { tenantId, id, version: expectedVersion }, { ...row, version });
    if (attributes === undefined && names === undefined) return { version };
    const [found] = await session.select(creationOrderOf, [tenantId, id]);
    if (typeof found?.["creationOrder"] !== "number") throw new StorageError("conflict", "the object is gone");
    const index = { tenantId, objectId: id, creationOrder: found["creationOrder"] };
    if (attributes !== undefined) {
      await session.run(deleteAttributes, [tenantId, id]);
      insertAttributes(session, index, attributes);
    }
    if (names !== undefined) {
      await session.run(deleteNames, [tenantId, id]);
      insertNames(session, index, names);
    }
    return { version };
  },

  /**
   * Has the columns and the index by which an object is found say again what it is; its version, its attributes and its
   * tag stay. Throws `conflict` where it is not at the version the caller read.
   */
  async mendIndex(
    session: WriteSession,
    tenantId: string,
    id: string,
    version: number,
    { row, attributes, names }: IndexMend,
  ): Promise<void> {
    await updateRow(session, objectsTable, { tenantId, id, version }, row);
    const [found] = await session.select(creationOrderOf, [tenantId, id]);
    if (typeof found?.["creationOrder"] !== "number") throw new StorageError("conflict", "the object is gone");
    const index = { tenantId, objectId: id, creationOrder: found["creationOrder"] };
    await session.run(deleteAttributes, [tenantId, id]);
    await session.run(deleteNames, [tenantId, id]);
    insertAttributes(session, index, attributes);
    insertNames(session, index, names);
  },

  /** Removes what the index holds for an object that is not there. Throws `conflict` where it is. */
  async dropIndex(session: WriteSession, tenantId: string, id: string): Promise<void> {
    const [found] = await session.select(creationOrderOf, [tenantId, id]);
    if (found !== undefined) throw new StorageError("conflict", "the object is there");
    await session.run(deleteAttributes, [tenantId, id]);
    await session.run(deleteNames, [tenantId, id]);
  },

  /**
   * Sets when an object is to be replaced next, or never, where that stands as the caller knows it: of two callers one
   * succeeds. Every change of the object sets it afresh. Gives whether it did.
   */
  async setRotation(
    session: WriteSession,
    { tenantId, id, rotateAt }: Pick<RotationRow, "tenantId" | "id" | "rotateAt">,
    next: number | null,
  ): Promise<boolean> {
    return (await session.run(setRotation, [next, tenantId, id, rotateAt])) === 1;
  },
};

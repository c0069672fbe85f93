import type { Connection } from "../connection.js";
import { type Statement, slot, statement } from "../statements.js";
import { objectAttributesTable, objectNamesTable, objectsTable } from "../tables.js";
import type { ObjectPlace, ObjectSighting } from "../task-types.js";
import type { IndexedAttribute, IndexedName, ObjectRow } from "../types.js";

const sightings = statement((knex) =>
  knex("objects")
    .select("creation_order as creationOrder", "id", "object_type as objectType", "custody")
    .select("key_encryption_key_version as keyEncryptionKeyVersion")
    .where({ tenant_id: slot(0) })
    .whereRaw("(creation_order, id) > (?, ?)", [slot(1), slot(2)])
    .orderByRaw("creation_order, id limit ?", [slot(3)]),
);
const rows = statement((knex) =>
  knex("objects")
    .select(objectsTable.selection.slice())
    .where({ tenant_id: slot(0) })
    .whereRaw("(creation_order, id) > (?, ?)", [slot(1), slot(2)])
    .orderByRaw("creation_order, id limit ?", [slot(3)]),
);
const countOf = statement((knex) =>
  knex("objects")
    .count("id as count")
    .where({ tenant_id: slot(0) }),
);
const exists = statement((knex) =>
  knex("objects")
    .select("id")
    .where({ tenant_id: slot(0), id: slot(1) }),
);
const attributesOf = statement((knex) =>
  knex("object_attributes")
    .select(objectAttributesTable.selection.slice())
    .where({ tenant_id: slot(0), object_id: slot(1) }),
);
const namesOf = statement((knex) =>
  knex("object_names")
    .select(objectNamesTable.selection.slice())
    .where({ tenant_id: slot(0), object_id: slot(1) }),
);
const indexed = (table: "object_attributes" | "object_names"): Statement =>
  statement((knex) =>
    knex(table)
      .distinct("object_id as objectId")
      .where({ tenant_id: slot(0) })
      .where("object_id", ">", slot(1))
      .orderByRaw("object_id limit ?", [slot(2)]),
  );
const indexedByAttributes = indexed("object_attributes");
const indexedByNames = indexed("object_names");

/** Everything the index holds of one object. */
export interface IndexOfObject {
  readonly attributes: readonly (IndexedAttribute & { readonly creationOrder: number })[];
  readonly names: readonly IndexedName[];
}

/** One part of the index, walked over by the objects that its rows name. */
export interface IndexWalk {
  /** Where to go on; null at the end. */
  readonly next: string | null;
  /** Identifiers that rows of the index name and no object of the tenant has. */
  readonly strangers: readonly string[];
}

export const objectWalkReads = {
  /** What there is, page by page in the order of creation, from behind a place; the first page begins at zero and "". */
  sightings: async (connection: Connection, tenantId: string, after: ObjectPlace, limit: number) =>
    (await connection.select(sightings, [
      tenantId,
      after.creationOrder,
      after.id,
      limit,
    ])) as unknown as ObjectSighting[],

  /** The same, with all that the rows hold. */
  rows: (connection: Connection, tenantId: string, after: ObjectPlace, limit: number): Promise<ObjectRow[]> =>
    connection.rows(objectsTable, rows, [tenantId, after.creationOrder, after.id, limit]),

  /** How many objects a tenant has, destroyed ones included. */
  async count(connection: Connection, tenantId: string): Promise<number> {
    const [row] = await connection.select(countOf, [tenantId]);
    return Number(row?.["count"] ?? 0);
  },

  /** What the index holds of objects, in the order asked for. */
  async indexOf(connection: Connection, tenantId: string, ids: readonly string[]): Promise<IndexOfObject[]> {
    const found: IndexOfObject[] = [];
    for (const id of ids) {
      found.push({
        attributes: await connection.rows(objectAttributesTable, attributesOf, [tenantId, id]),
        names: await connection.rows(objectNamesTable, namesOf, [tenantId, id]),
      });
    }
    return found;
  },

  /** Walks over a part of the index, from behind an identifier. */
  async strangers(
    connection: Connection,
    part: "attributes" | "names",
    tenantId: string,
    after: string,
    limit: number,
  ): Promise<IndexWalk> {
    const walk = part === "attributes" ? indexedByAttributes : indexedByNames;
    const ids = (await connection.select(walk, [tenantId, after, limit])).map(({ objectId }) => String(objectId));
    const strangers: string[] = [];
    for (const id of ids) {
      if ((await connection.select(exists, [tenantId, id])).length === 0) strangers.push(id);
    }
    return { next: ids.length < limit ? null : (ids.at(-1) ?? null), strangers };
  },
};

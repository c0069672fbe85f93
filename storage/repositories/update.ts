import type { Knex } from "knex";
import { StorageError } from "../errors.js";
import { slot, statementOf } from "../statements.js";
import type { Table } from "../tables.js";
import type { WriteSession } from "../write-session.js";

/** Changes the given fields of the one row whose columns `where` match. Throws `conflict` where there is none. */
export async function updateRow<Row>(
  session: WriteSession,
  table: Table<Row>,
  where: Partial<NoInfer<Row>>,
  changes: Partial<NoInfer<Row>>,
): Promise<void> {
  const assignments = table.assignments(changes);
  const conditions = table.assignments(where);
  const columns = Object.keys(assignments);
  const keys = Object.keys(conditions);
  if (columns.length === 0) throw new StorageError("internal", `an update of ${table.name} without changes`);
  const shape = `update ${table.name} set ${columns.join()} where ${keys.join()}`;
  const update = statementOf(shape, (knex: Knex) => {
    const slots = (names: readonly string[], from: number) =>
      Object.fromEntries(names.map((name, index) => [name, slot(from + index)]));
    return knex(table.name).where(slots(keys, columns.length)).update(slots(columns, 0));
  });
  const changed = await session.run(update, [...Object.values(assignments), ...Object.values(conditions)]);
  if (changed !== 1) throw new StorageError("conflict", `no row of ${table.name} to update`);
}

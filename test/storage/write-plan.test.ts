import { join } from "node:path";
import t from "tap";
import { openConnection } from "#storage/drivers/index.js";
import { migrate } from "#storage/migrate.js";
import { objectWrites } from "#storage/repositories/objects.js";
import { type CompiledStatement, statement } from "#storage/statements.js";
import { WriteSession } from "#storage/write-session.js";
import { temporaryFolder } from "#test/support/databases.js";
import { newObject } from "#test/support/rows.js";

t.test("changing an object walks over no other objects of its tenant, however many there are", async (t) => {
  for (const client of ["better-sqlite3", "sqlite3"] as const) {
    const filename = join(temporaryFolder(t), "test.db");
    const connection = await openConnection({ client, filename, nodeId: "n" }, "write");
    await migrate(connection);
    const { driver } = connection;
    const { run, select } = driver;
    const statements: string[] = [];
    const note = ({ sql }: CompiledStatement): void => {
      if (!sql.startsWith("insert")) statements.push(sql);
    };
    driver.run = (prepared, bindings) => {
      note(prepared);
      return run(prepared, bindings);
    };
    driver.select = (prepared, bindings) => {
      note(prepared);
      return select(prepared, bindings);
    };
    const session = new WriteSession(connection, "n");
    const attributes = [{ attribute: "a", value: "v", number: null }];
    const names = [{ name: "n", nameType: 1 }];
    const { row } = newObject("tenant");
    objectWrites.create(session, { row, attributes, names });
    await objectWrites.requireFreeName(session, row.tenantId, row.id, { name: "n", nameType: 1 });
    const { tenantId, id, ...changes } = row;
    await objectWrites.update(session, tenantId, id, 1, { row: changes, attributes, names });
    await session.flush();
    Object.assign(driver, { run, select });
    t.ok(statements.length >= 4, statements.join("; "));
    for (const sql of statements) {
      const values = [...sql.matchAll(/\?/g)].map(() => "");
      const explained = statement((knex) => knex.raw(`explain query plan ${sql}`, values));
      const plan = (await connection.select(explained, [])).map(({ detail }) => String(detail)).join(" | ");
      t.match(plan, /SEARCH/, `${client}: ${sql}`);
      t.notMatch(plan, /SCAN|\(tenant_id=\?\)/, `${client}: ${sql}: ${plan}`);
    }
    await connection.close();
  }
});

import { join } from "node:path";
import t from "tap";
import { openConnection } from "#storage/drivers/index.js";
import { migrate } from "#storage/migrate.js";
import { auditReads } from "#storage/repositories/audit.js";
import { type CompiledStatement, statement } from "#storage/statements.js";
import { temporaryFolder } from "#test/support/databases.js";

t.test("which audit chains there are is found without walking over their rows", async (t) => {
  for (const client of ["better-sqlite3", "sqlite3"] as const) {
    const filename = join(temporaryFolder(t), "test.db");
    const connection = await openConnection({ client, filename, nodeId: "n" }, "write");
    await migrate(connection);
    const { driver } = connection;
    const { select } = driver;
    const statements: string[] = [];
    driver.select = (prepared: CompiledStatement, bindings) => {
      statements.push(prepared.sql);
      return select(prepared, bindings);
    };
    t.same(await auditReads.chains(connection), []);
    t.same(await auditReads.checkpointedChains(connection), []);
    Object.assign(driver, { select });
    t.equal(statements.length, 2);
    for (const sql of statements) {
      const values = [...sql.matchAll(/\?/g)].map(() => "");
      const explained = statement((knex) => knex.raw(`explain query plan ${sql}`, values));
      const plan = (await connection.select(explained, [])).map(({ detail }) => String(detail)).join(" | ");
      t.match(plan, /^SEARCH audit\w* USING .*\(\(tenant_id,node_id\)>\(\?,\?\)\)$/, `${client}: ${sql}: ${plan}`);
    }
    await connection.close();
  }
});

import { join } from "node:path";
import t from "tap";
import type { Connection } from "#storage/connection.js";
import { openConnection } from "#storage/drivers/index.js";
import { Further } from "#storage/further.js";
import { migrate } from "#storage/migrate.js";
import { locate } from "#storage/repositories/locate.js";
import { type CompiledStatement, type Statement, statement } from "#storage/statements.js";
import type { LocateFilter } from "#storage/types.js";
import { temporaryFolder } from "#test/support/databases.js";

const selective: Readonly<Record<string, LocateFilter>> = {
  name: { on: "name", name: "n" },
  typedName: { on: "name", name: "n", nameType: 1 },
  id: { on: "column", column: "id", equals: "i" },
  attribute: { on: "attribute", attribute: "a", equals: "v" },
  attributeRange: { on: "attributeRange", attribute: "a", from: 1, to: 2 },
  initialDate: { on: "date", column: "initialDate", from: 1, to: 2 },
  activationDate: { on: "column", column: "activationDate", equals: 1 },
  deactivationDate: { on: "date", column: "deactivationDate", from: 1 },
};

const others: readonly LocateFilter[] = [
  { on: "column", column: "objectType", equals: 2 },
  { on: "column", column: "algorithm", equals: 3 },
  { on: "state", equals: 2, at: 1 },
  { on: "usageMask", includes: 4 },
  { on: "attribute", attribute: "b", equals: "w" },
  { on: "attributeRange", attribute: "c", to: 9 },
  { on: "name", name: "m" },
  { on: "date", column: "lastChangeDate", to: 5 },
];

/** A connection that explains instead of selecting, and says whether drivers lead to too much to be sorted. */
function explaining(connection: Connection, plans: string[], isTooMuch: boolean): Connection {
  const explainer = Object.create(connection) as Connection;
  explainer.select = async ({ build }: Statement, values) => {
    const compiled: { sql?: string } = {};
    const explained = statement((knex) => {
      const native = build(knex).toSQL().toNative();
      compiled.sql = native.sql;
      return knex.raw(`explain query plan ${native.sql}`, native.bindings as CompiledStatement["template"][number][]);
    });
    for (const { detail } of await connection.select(explained, values)) plans.push(String(detail));
    return isTooMuch && compiled.sql?.startsWith("select 1 as excess") === true ? [{ excess: 1 }] : [];
  };
  return explainer;
}

await t.test("the plan of a search", async (t) => {
  const configuration = {
    client: "better-sqlite3",
    filename: join(temporaryFolder(t), "test.db"),
    nodeId: "n",
  } as const;
  const connection = await openConnection(configuration, "write");
  await migrate(connection);
  const planOf = async (filters: readonly LocateFilter[], isTooMuch = false): Promise<string[]> => {
    const plans: string[] = [];
    const found = await locate(explaining(connection, plans, isTooMuch), "tenant", filters, { limit: 10, count: true });
    t.notOk(found instanceof Further, "nothing is found, and so nothing is left");
    return plans;
  };
  // A walk over the tenant: a search of objects bound by the tenant and a stretch of its objects alone, or no search at all.
  const walk =
    /^SCAN (objects|other|driver)|SEARCH objects USING (COVERING )?INDEX \S+ \(tenant_id=\?( AND creation_order[<>]\?)*\)/;
  const sorting = /ORDER BY/;

  for (const [name, filter] of Object.entries(selective)) {
    await t.test(`no search that includes ${name} walks over all objects of the tenant`, async (t) => {
      for (const other of others) {
        for (const filters of [[filter], [filter, other], [other, filter, ...others]]) {
          const plan = await planOf(filters);
          t.notOk(
            plan.some((line) => walk.test(line)),
            `${JSON.stringify(filters)}: ${plan.join(" | ")}`,
          );
        }
      }
    });
  }

  await t.test("a search by attribute needs no sorting", async (t) => {
    const filters: LocateFilter[] = [{ on: "attribute", attribute: "a", equals: "v" }];
    t.notOk((await planOf(filters)).some((line) => sorting.test(line)));
  });

  await t.test("a search by object type alone uses its index, in order", async (t) => {
    const plan = await planOf([{ on: "column", column: "objectType", equals: 2 }]);
    for (const line of plan.filter((one) => !one.endsWith(" AND id=?)"))) t.match(line, "objects_object_type");
    t.notOk(plan.some((line) => sorting.test(line)));
  });

  for (const [name, filter] of Object.entries(selective).filter(([one]) => one !== "id" && one !== "attribute")) {
    await t.test(
      `where ${name} leads to too much, the last way is in the order of the answer and in bounds`,
      async (t) => {
        for (const other of others) {
          const plan = await planOf([filter, other], true);
          const last = plan.slice(plan.findLastIndex((line) => /creation_order[<>]\?\)/.test(line)));
          t.match(
            last[0],
            /^SEARCH (objects|driver) USING .*creation_order>\? AND creation_order<\?\)/,
            plan.join(" | "),
          );
          t.notOk(
            last.some((line) => /ORDER BY|DISTINCT|^SCAN/.test(line)),
            plan.join(" | "),
          );
        }
      },
    );
  }

  await t.test("a search without filters walks in the order of the answer", async (t) => {
    const plan = await planOf([]);
    t.match(plan[0], "objects_creation_order");
    t.match(plan[0], walk);
    t.notOk(plan.some((line) => sorting.test(line)));
  });

  await connection.close();
});

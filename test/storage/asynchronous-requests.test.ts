import t from "tap";
import { change } from "#storage/changes.js";
import { onEveryDatabase } from "#test/support/databases.js";
import { asynchronousRequestRow } from "#test/support/rows.js";

await onEveryDatabase(t, async (t, { database }) => {
  await t.test("the list of what is outstanding leaves out what the requests hold", async (t) => {
    const row = asynchronousRequestRow();
    await database.commit([change("asynchronousRequests", "submit", row, { ofClient: 1, ofTenant: 1 })]);
    const { sealedRequest: _request, sealedAnswer: _answer, ...entry } = row;
    t.strictSame(await database.read.asynchronousRequests.outstanding(row.tenantId, row.clientId), [entry]);
    t.same(await database.read.asynchronousRequests.byId(row.tenantId, row.id), row);
  });
});

import { randomBytes, randomUUID } from "node:crypto";
import t from "tap";
import { Operation } from "#protocol/enums/index.js";
import type { AsynchronousRequestRow } from "#storage/asynchronous-types.js";
import { change } from "#storage/changes.js";
import { onEveryDatabase } from "#test/support/databases.js";

function requestRow(): AsynchronousRequestRow {
  return {
    tenantId: randomUUID(),
    id: randomBytes(16).toString("hex"),
    clientId: randomUUID(),
    batchId: randomUUID(),
    position: 0,
    isUnit: false,
    operation: Operation.Create,
    state: "submitted",
    submittedAt: 1,
    notBefore: 0,
    claim: null,
    claimedAt: null,
    nodeId: "node-1",
    obtainedAt: null,
    isProcessed: false,
    expiresAt: 2 ** 50,
    sealedRequest: randomBytes(64),
    sealedAnswer: null,
  };
}

await onEveryDatabase(t, async (t, { database }) => {
  await t.test("the list of what is outstanding leaves out what the requests hold", async (t) => {
    const row = requestRow();
    await database.commit([change("asynchronousRequests", "submit", row, { ofClient: 1, ofTenant: 1 })]);
    const { sealedRequest: _request, sealedAnswer: _answer, ...entry } = row;
    t.strictSame(await database.read.asynchronousRequests.outstanding(row.tenantId, row.clientId), [entry]);
    t.same(await database.read.asynchronousRequests.byId(row.tenantId, row.id), row);
  });
});

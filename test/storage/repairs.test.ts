import t from "tap";
import { change } from "#storage/changes.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { IntentRow } from "#storage/types.js";
import { onEveryDatabase } from "#test/support/databases.js";
import { auditRecord, newObject, tenantRow } from "#test/support/rows.js";

await onEveryDatabase(t, async (t, { database }) => {
  const { read } = database;

  await t.test("the index of an object is made anew where the object is as it was read", async (t) => {
    const { id: tenantId } = tenantRow();
    const object = newObject(tenantId);
    const { id } = object.row;
    await database.commit([change("objects", "create", object)]);
    const names = [{ name: "other", nameType: 1 }];
    const attributes = [{ attribute: "Object Group", value: "green", number: null }];
    const before = await read.objects.byId(tenantId, id);
    await database.commit([change("objects", "mendIndex", tenantId, id, 1, { row: { state: 2 }, attributes, names })]);
    t.strictSame(await read.objects.byId(tenantId, id), { ...before, state: 2 });
    const [index] = await read.objectWalks.indexOf(tenantId, [id]);
    t.match(index, { attributes, names });
    t.equal(index?.attributes[0]?.creationOrder, before?.creationOrder);
    const stale = change("objects", "mendIndex", tenantId, id, 2, { row: { state: 3 }, attributes: [], names: [] });
    await t.rejects(database.commit([stale]), { code: "conflict" });
    t.match(await read.objectWalks.indexOf(tenantId, [id]), [{ names }]);
  });

  await t.test("an index is dropped only where there is no object", async (t) => {
    const { id: tenantId } = tenantRow();
    const object = newObject(tenantId);
    const { id } = object.row;
    await database.commit([change("objects", "create", object)]);
    await t.rejects(database.commit([change("objects", "dropIndex", tenantId, id)]), { code: "conflict" });
    t.equal((await read.objectWalks.indexOf(tenantId, [id]))[0]?.names.length, object.names.length);
    await database.commit([change("objects", "dropIndex", tenantId, newIdentifier())]);
  });

  await t.test("the audit rows of checkpoints are held against what these say", async (t) => {
    const { id: tenantId } = tenantRow();
    const record = auditRecord(tenantId);
    const [first] = await database.commit([change("audit", "append", record)]);
    const [second] = await database.commit([change("audit", "append", { ...record, eventId: newIdentifier() })]);
    const { nodeId } = first;
    t.equal(await read.audit.firstUnmet(tenantId, nodeId, [first, second]), null);
    t.equal(await read.audit.firstUnmet(tenantId, nodeId, [first, { ...second, hash: first.hash }]), second.sequence);
    t.equal(await read.audit.firstUnmet(tenantId, nodeId, [{ sequence: 3, hash: first.hash }]), 3);
    t.equal(await read.audit.firstUnmet(tenantId, "node-9", [first]), first.sequence);
  });

  await t.test("open intents are listed for one tenant", async (t) => {
    const [tenantId, other] = [newIdentifier(), newIdentifier()];
    const intent = (tenant: string, createdAt: number): IntentRow => ({
      id: newIdentifier(),
      tenantId: tenant,
      nodeId: "node-1",
      kind: "create",
      objectId: newIdentifier(),
      tokenId: null,
      createdAt,
      detail: "{}",
    });
    const [old, young, foreign] = [intent(tenantId, 1), intent(tenantId, 5), intent(other, 1)];
    await database.commit([old, young, foreign].map((each) => change("intents", "open", each)));
    t.strictSame(
      (await read.intents.ofTenant(tenantId, 5, 10)).map(({ id }) => id),
      [old.id],
    );
    t.equal((await read.intents.ofTenant(tenantId, 6, 1)).length, 1);
  });
});

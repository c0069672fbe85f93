import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { BatchErrorContinuationOption, Operation } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V1_4 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance } from "#test/support/kmip-actions.js";
import { ask, askAll, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { create, revoke, destroy, activate } = actionsOf(client, V1_4);
const missing = "00000000-0000-4000-8000-000000000000";

interface Row {
  readonly eventId: string;
  readonly operation: string;
  readonly objectId: string | null;
  readonly outcome: string;
  readonly resultReason: string | null;
  readonly clientName: string | null;
  readonly protocolVersion: string | null;
}

/** The audit rows that are new since the function was made. */
async function watching(): Promise<() => Promise<readonly Row[]>> {
  const rows = async (): Promise<readonly Row[]> =>
    (await server.administration.exportAudit())
      .split("\n")
      .filter((line) => line.includes('"operation"'))
      .map((line) => JSON.parse(line) as Row);
  const seen = new Set((await rows()).map(({ eventId }) => eventId));
  return async () => (await rows()).filter(({ eventId }) => !seen.has(eventId));
}

t.test("every step in the life of a key has its row, in order, with the key's identifier", async (t) => {
  const fresh = await watching();
  const id = await create();
  await activate(id);
  await revoke(id);
  await destroy(id);
  t.match(await fresh(), [
    { operation: "Create", objectId: id, outcome: "success", clientName: "demo-client", protocolVersion: "1.4" },
    { operation: "Activate", objectId: id, outcome: "success", resultReason: null },
    { operation: "Revoke", objectId: id, outcome: "success" },
    { operation: "Destroy", objectId: id, outcome: "success" },
  ]);
});

t.test("a failure has its row, with the identifier that was asked for and the reason in its own words", async (t) => {
  const fresh = await watching();
  await ask(client, V1_4, { operation: Operation.Get, payload: { uniqueIdentifier: named(missing) } });
  t.match(await fresh(), [{ operation: "Get", objectId: missing, outcome: "failure", resultReason: "ItemNotFound" }]);
});

t.test("an undone batch has a row for every item that was run", async (t) => {
  const fresh = await watching();
  const undo: Item = {
    tag: Tag.BatchErrorContinuationOption,
    type: ItemType.Enumeration,
    value: BatchErrorContinuationOption.Undo,
  };
  await askAll(
    client,
    V1_4,
    [
      { operation: Operation.Create, payload: aesKey() },
      { operation: Operation.Create, payload: aesKey(instance(attributes.cryptographicLength, 7)) },
      { operation: Operation.Create, payload: aesKey() },
    ],
    [undo],
  );
  t.match(await fresh(), [
    { operation: "Create", outcome: "undone", resultReason: null },
    { operation: "Create", outcome: "failure", resultReason: "InvalidAttributeValue" },
  ]);
});

t.test("a message that cannot be read has a row too", async (t) => {
  const fresh = await watching();
  await client.exchange(Buffer.from("4200780100000008" + "4200770100000000", "hex"));
  t.match(await fresh(), [{ operation: "(message)", outcome: "failure", resultReason: "InvalidMessage" }]);
});

t.test("the trail of all of it holds together", async (t) => {
  const reports = JSON.parse(await server.administration.verifyAudit()) as readonly { fault: object | null }[];
  t.ok(reports.length > 0);
  for (const { fault } of reports) t.equal(fault, null);
});

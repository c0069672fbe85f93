import { randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BatchErrorContinuationOption,
  Operation,
  QueryFunction,
  ResultReason,
  ResultStatus,
  State,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V1_0, V1_2, V1_4, V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, nameOf } from "#test/support/kmip-actions.js";
import {
  type Asked,
  askAll,
  named,
  readAnswer,
  requestMessageItem,
  structureItem,
} from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const missing = "00000000-0000-4000-8000-000000000000";
const failing: Asked = { operation: Operation.Activate, payload: { uniqueIdentifier: named(missing) } };
const creating: Asked = { operation: Operation.Create, payload: aesKey() };

function option(value: number): Item {
  return { tag: Tag.BatchErrorContinuationOption, type: ItemType.Enumeration, value };
}

function maximumResponseSize(value: number): Item {
  return { tag: Tag.MaximumResponseSize, type: ItemType.Integer, value };
}

t.test("a batch stops behind the first failure, and what stands before it stays done", async (t) => {
  const name = randomUUID();
  const answers = await askAll(client, V1_4, [
    { operation: Operation.Create, payload: aesKey(nameOf(name)) },
    failing,
    creating,
  ]);
  t.strictSame(
    answers.map(({ status }) => status),
    [ResultStatus.Success, ResultStatus.OperationFailed],
  );
  t.equal((await actionsOf(client, V1_4).locate(nameOf(name))).length, 1);
});

t.test("a batch that is to continue runs every item", async (t) => {
  const answers = await askAll(
    client,
    V1_4,
    [creating, failing, creating],
    [option(BatchErrorContinuationOption.Continue)],
  );
  t.strictSame(
    answers.map(({ status }) => status),
    [ResultStatus.Success, ResultStatus.OperationFailed, ResultStatus.Success],
  );
});

t.test(
  "Unique Batch Item IDs of any length come back byte for byte, of failures and of single items too",
  async (t) => {
    for (const ids of [["01"], ["414243444546", "ff".repeat(16)], ["00", "0000", "000000000000000000"]]) {
      const asked = ids.map((id, index) => ({
        ...(index === 1 ? failing : creating),
        uniqueBatchItemId: Buffer.from(id, "hex"),
      }));
      const answers = await askAll(client, V1_0, asked, [option(BatchErrorContinuationOption.Continue)]);
      t.strictSame(
        answers.map(({ item }) => item.uniqueBatchItemId?.toString("hex")),
        ids,
      );
    }
  },
);

t.test("an item that cannot be read fails alone, with its Operation and its ID", async (t) => {
  const id = Buffer.from("item without payload");
  const message = requestMessageItem(V1_4, [creating, creating], [option(BatchErrorContinuationOption.Continue)]);
  const broken = structureItem(
    Tag.BatchItem,
    { tag: Tag.Operation, type: ItemType.Enumeration, value: Operation.Get },
    { tag: Tag.UniqueBatchItemID, type: ItemType.ByteString, value: id },
  );
  const [header, , second] = message.value as Item[];
  if (header === undefined || second === undefined) throw new RangeError("the message has two items");
  const answer = readAnswer(await client.request(structureItem(Tag.RequestMessage, header, broken, second)), V1_4);
  t.match(answer.batchItems, [
    { operation: Operation.Get, uniqueBatchItemId: id, resultReason: ResultReason.InvalidMessage },
    { resultStatus: ResultStatus.Success },
  ]);
});

t.test("an operation nobody knows is not supported, and is named in the answer", async (t) => {
  const id = Buffer.from("unknown");
  const [answer] = await askAll(client, V1_4, [
    { operation: 0x80000001, payload: structureItem(Tag.RequestPayload), uniqueBatchItemId: id },
  ]);
  t.match(answer, {
    reason: ResultReason.OperationNotSupported,
    item: { operation: 0x80000001, uniqueBatchItemId: id },
  });
});

t.test("an operation of a later version is not supported in an earlier one", async (t) => {
  const [answer] = await askAll(client, V1_0, [
    { operation: Operation.Encrypt, payload: structureItem(Tag.RequestPayload) },
  ]);
  t.equal(answer?.reason, ResultReason.OperationNotSupported);
});

t.test("a batch is answered within the size the client can take, and tells the identifiers it made", async (t) => {
  const query: Asked = {
    operation: Operation.Query,
    payload: { queryFunctions: [QueryFunction.QueryOperations, QueryFunction.QueryObjects] },
  };
  const limit = 600;
  const message = requestMessageItem(V1_4, [creating, query], [maximumResponseSize(limit)]);
  const bytes = await client.exchange(encodeItem(message));
  t.ok(bytes.length <= limit);
  const [created, told] = await askAll(client, V1_4, [creating, query], [maximumResponseSize(limit)]);
  t.equal(created?.status, ResultStatus.Success);
  t.equal(told?.reason, ResultReason.ResponseTooLarge);
  t.notOk(told?.item.responsePayload);
});

t.test("a failure keeps its reason where the response would be too long", async (t) => {
  const [answer] = await askAll(client, V1_4, [failing], [maximumResponseSize(16)]);
  t.equal(answer?.reason, ResultReason.ItemNotFound);
});

t.test("a batch of more items than the limit is refused as a whole", async (t) => {
  const answers = await askAll(client, V1_4, new Array(5000).fill(failing));
  t.equal(answers.length, 1);
  t.equal(answers[0]?.reason, ResultReason.InvalidMessage);
});

t.test(
  "an undone batch leaves nothing: no object, no change, no name, and says so of every item before the failure",
  async (t) => {
    const { create, value, locate } = actionsOf(client, V1_4);
    const name = randomUUID();
    const id = await create();
    const answers = await askAll(
      client,
      V1_4,
      [
        { operation: Operation.Create, payload: aesKey(nameOf(name)) },
        { operation: Operation.Activate, payload: { uniqueIdentifier: named(id) } },
        failing,
        creating,
      ],
      [option(BatchErrorContinuationOption.Undo)],
    );
    t.strictSame(
      answers.map(({ status }) => status),
      [ResultStatus.OperationUndone, ResultStatus.OperationUndone, ResultStatus.OperationFailed],
    );
    t.equal(await value(id, attributes.state), State.PreActive);
    t.strictSame(await locate(nameOf(name)), []);
  },
);

t.test(
  "an undoable batch without a failure is done as a whole, later items seeing what earlier ones did",
  async (t) => {
    const answers = await askAll(
      client,
      V2_1,
      [
        creating,
        { operation: Operation.Activate, payload: {} },
        { operation: Operation.GetAttributes, payload: { attributeNames: ["State"] } },
      ],
      [option(BatchErrorContinuationOption.Undo)],
    );
    t.strictSame(
      answers.map(({ status }) => status),
      [ResultStatus.Success, ResultStatus.Success, ResultStatus.Success],
    );
  },
);

t.test("an undone destruction leaves the key as it was", async (t) => {
  const { create, act } = actionsOf(client, V1_2);
  const id = await create();
  await askAll(
    client,
    V1_2,
    [{ operation: Operation.Destroy, payload: { uniqueIdentifier: named(id) } }, failing],
    [option(BatchErrorContinuationOption.Undo)],
  );
  t.match(await act(Operation.Get, id), { uniqueIdentifier: id });
});

import { randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BatchErrorContinuationOption,
  CryptographicAlgorithm,
  CryptographicUsageMask,
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
import { actionsOf, aesKey, instance, nameOf, requested } from "#test/support/kmip-actions.js";
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

t.test("a failure keeps its reason where there is no room for its words", async (t) => {
  const asked = { ...failing, uniqueBatchItemId: Buffer.alloc(64) };
  const [answer] = await askAll(client, V1_4, [asked], [maximumResponseSize(220)]);
  t.equal(answer?.reason, ResultReason.ItemNotFound);
  t.equal(answer?.message, undefined);
});

t.test("where no answer has room, nothing is done", async (t) => {
  const name = randomUUID();
  const asked = [{ operation: Operation.Create, payload: aesKey(nameOf(name)) }];
  const answers = await askAll(client, V1_4, asked, [maximumResponseSize(100)]);
  t.equal(answers.length, 1);
  t.equal(answers[0]?.reason, ResultReason.ResponseTooLarge);
  t.strictSame(await actionsOf(client, V1_4).locate(nameOf(name)), []);
});

t.test("what has no room for its own answer is not done, and the batch stops there", async (t) => {
  const name = randomUUID();
  const commonAttributes = requested(
    instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.EC),
    instance(attributes.cryptographicLength, 256),
    instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign | CryptographicUsageMask.Verify),
    nameOf(name),
  );
  const makingPair: Asked = { operation: Operation.CreateKeyPair, payload: { commonAttributes } };
  const [alone] = await askAll(client, V1_4, [makingPair]);
  t.equal(alone?.status, ResultStatus.Success);
  const answers = await askAll(client, V1_4, [makingPair, creating], [maximumResponseSize(310)]);
  t.strictSame(
    answers.map(({ reason }) => reason),
    [ResultReason.ResponseTooLarge],
  );
  t.equal((await actionsOf(client, V1_4).locate(nameOf(name))).length, 2);
});

t.test("a message with a critical extension is refused as a whole; one with another is served", async (t) => {
  for (const [critical, expected] of [
    [true, [ResultReason.FeatureNotSupported]],
    [false, [undefined, undefined]],
  ] as const) {
    const [header, first, last] = requestMessageItem(V1_4, [creating, creating]).value;
    if (header === undefined || first === undefined || last?.type !== ItemType.Structure)
      throw new RangeError("two items");
    const extension = structureItem(
      Tag.MessageExtension,
      { tag: Tag.VendorIdentification, type: ItemType.TextString, value: "somebody" },
      { tag: Tag.CriticalityIndicator, type: ItemType.Boolean, value: critical },
      structureItem(Tag.VendorExtension),
    );
    const extended = structureItem(Tag.BatchItem, ...last.value, extension);
    const answer = readAnswer(await client.request(structureItem(Tag.RequestMessage, header, first, extended)), V1_4);
    t.strictSame(
      answer.batchItems.map(({ resultReason }) => resultReason),
      expected,
    );
  }
});

t.test("in 2.x the items of a batch have IDs of their own", async (t) => {
  const id = Buffer.from("one");
  const twice = await askAll(client, V2_1, [
    { ...creating, uniqueBatchItemId: id },
    { ...creating, uniqueBatchItemId: id },
  ]);
  t.match(twice, [{ reason: ResultReason.InvalidMessage }]);
  const [header, ...items] = requestMessageItem(V2_1, [creating, creating]).value;
  if (header === undefined) throw new RangeError("there is a header");
  const bare = items.map((item) =>
    structureItem(Tag.BatchItem, ...(item.value as Item[]).filter(({ tag }) => tag !== Tag.UniqueBatchItemID)),
  );
  const answer = readAnswer(await client.request(structureItem(Tag.RequestMessage, header, ...bare)), V2_1);
  t.match(answer.batchItems, [{ resultReason: ResultReason.InvalidMessage }]);
});

t.test("a batch with an operation that cannot be undone is refused before anything of it is done", async (t) => {
  const name = randomUUID();
  const answers = await askAll(
    client,
    V1_4,
    [
      { operation: Operation.Create, payload: aesKey(nameOf(name)) },
      { operation: Operation.RNGSeed, payload: { data: Buffer.from("seed") } },
    ],
    [option(BatchErrorContinuationOption.Undo)],
  );
  t.match(answers, [
    { reason: ResultReason.FeatureNotSupported, item: { operation: Operation.Create } },
    { reason: ResultReason.FeatureNotSupported, item: { operation: Operation.RNGSeed } },
  ]);
  t.strictSame(await actionsOf(client, V1_4).locate(nameOf(name)), []);
});

t.test("an undone item is answered with the payload it had", async (t) => {
  const answers = await askAll(client, V2_1, [creating, failing], [option(BatchErrorContinuationOption.Undo)]);
  t.equal(answers[0]?.status, ResultStatus.OperationUndone);
  t.ok(answers[0]?.item.responsePayload);
});

t.test("the data of an ephemeral item are not returned", async (t) => {
  const [header, item] = requestMessageItem(V2_1, [
    { operation: Operation.RNGRetrieve, payload: { dataLength: 8 } },
  ]).value;
  if (header === undefined || item?.type !== ItemType.Structure) throw new RangeError("there is one item");
  const [operation, ...rest] = item.value;
  if (operation === undefined) throw new RangeError("the item has an operation");
  const ephemeral: Item = { tag: Tag.Ephemeral, type: ItemType.Boolean, value: true };
  const asked = structureItem(Tag.BatchItem, operation, ephemeral, ...rest);
  const answer = readAnswer(await client.request(structureItem(Tag.RequestMessage, header, asked)), V2_1);
  t.match(answer.batchItems, [{ resultStatus: ResultStatus.Success, responsePayload: { value: [] } }]);
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

t.test("a batch with an operation that cannot be undone is refused item by item before it starts", async (t) => {
  const name = randomUUID();
  const answers = await askAll(
    client,
    V1_4,
    [
      { operation: Operation.Create, payload: aesKey(nameOf(name)), uniqueBatchItemId: Buffer.from("a") },
      { operation: Operation.RNGSeed, payload: { data: Buffer.alloc(16, 3) }, uniqueBatchItemId: Buffer.from("b") },
    ],
    [option(BatchErrorContinuationOption.Undo)],
  );
  t.strictSame(
    answers.map(({ reason, item }) => [reason, item.operation, item.uniqueBatchItemId?.toString()]),
    [
      [ResultReason.FeatureNotSupported, Operation.Create, "a"],
      [ResultReason.FeatureNotSupported, Operation.RNGSeed, "b"],
    ],
  );
  t.strictSame(await actionsOf(client, V1_4).locate(nameOf(name)), []);
});

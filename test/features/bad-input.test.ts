import t from "tap";
import { Operation, ResultReason, ResultStatus } from "#protocol/enums/index.js";
import { announcedVersion, type ResponseMessage } from "#protocol/messages/message.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { type ProtocolVersion, V1_0, V1_2, V1_4, V2_1 } from "#protocol/versions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, readAnswer, requestMessageItem, structureItem } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
t.teardown(() => server.stop());

/** Far more than an answer takes: a test that waits so long has failed. */
const answerWithin = 30_000;

const query = (version: ProtocolVersion, header: readonly Item[] = []): Buffer =>
  encodeItem(requestMessageItem(version, [{ operation: Operation.Query, payload: { queryFunctions: [1] } }], header));

async function withClient<T>(work: (client: KmipClient) => Promise<T>): Promise<T> {
  const client = await connectTo(server, { answerWithin });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

function answerOf(bytes: Buffer): ResponseMessage {
  const item = decodeItem(bytes);
  const version = announcedVersion(item);
  if (version === undefined) throw new TypeError("an answer without a version");
  return readAnswer(item, version);
}

/** The one failure that is the answer to a message; the next client must be served all the same. */
async function failureOf(message: Buffer): Promise<{ reason: number | undefined; message: string | undefined }> {
  const answer = await withClient(async (client) => answerOf(await client.exchange(message)));
  const [item] = answer.batchItems;
  if (item === undefined) throw new TypeError("an answer without a batch item");
  t.equal(answer.batchItems.length, 1, "one batch item");
  t.equal(item.resultStatus, ResultStatus.OperationFailed, "failed");
  await servesTheNext();
  return { reason: item.resultReason, message: item.resultMessage };
}

async function servesTheNext(): Promise<void> {
  const answered = await withClient((client) =>
    ask(client, V1_4, { operation: Operation.DiscoverVersions, payload: {} }),
  );
  t.equal(answered.status, ResultStatus.Success, "the next client is served");
}

/** Sends bytes after which the server can only end the connection, and waits for that. */
async function endsAfter(bytes: Buffer): Promise<boolean> {
  const client = await connectTo(server, { answerWithin });
  client.send(bytes);
  client.end();
  const isClosed = await client.closedWithin(answerWithin);
  await client.close();
  await servesTheNext();
  return isClosed;
}

t.test("a message cut off by the client ends the connection", async (t) => {
  const whole = query(V1_4);
  for (const length of [1, 7, 8, 9, whole.length - 1])
    t.ok(await endsAfter(whole.subarray(0, length)), `${length} bytes`);
});

t.test("bytes that are no message end the connection", async (t) => {
  t.ok(await endsAfter(Buffer.from("GET / HTTP/1.1\r\nHost: keyreeve\r\n\r\n")));
  t.ok(await endsAfter(Buffer.alloc(64)));
});

t.test("a message above the size limit is refused before it is read", async (t) => {
  const header = Buffer.from("4200780100000000", "hex");
  header.writeUInt32BE(0x7ffffff8, 4);
  const closed = await withClient(async (client) => {
    client.send(header);
    const answer = await client.nextAnswer().then(answerOf, () => undefined);
    if (answer !== undefined) t.equal(answer.batchItems[0]?.resultStatus, ResultStatus.OperationFailed);
    return client.closedWithin(answerWithin);
  });
  t.ok(closed, "the connection ends");
  await servesTheNext();
});

t.test("a structure longer than the one around it is an invalid message", async (t) => {
  const message = query(V1_2);
  message.writeUInt32BE(message.readUInt32BE(12) + 8, 12);
  t.equal((await failureOf(message)).reason, ResultReason.InvalidMessage);
});

t.test("padding that is not zero is an invalid message", async (t) => {
  const message = query(V1_2);
  const major = message.indexOf(Buffer.from("42006a0200000004", "hex"));
  message[major + 12] = 1;
  t.equal((await failureOf(message)).reason, ResultReason.InvalidMessage);
});

t.test("a field of the wrong type is an invalid message", async (t) => {
  const count: Item = { tag: Tag.BatchCount, type: ItemType.TextString, value: "1" };
  const plain = requestMessageItem(V1_2, []);
  if (plain.type !== ItemType.Structure) throw new TypeError("a request is a structure");
  const [header] = plain.value;
  if (header?.type !== ItemType.Structure) throw new TypeError("a header is a structure");
  const wrong = structureItem(Tag.RequestMessage, structureItem(Tag.RequestHeader, ...header.value.slice(0, 1), count));
  t.equal((await failureOf(encodeItem(wrong))).reason, ResultReason.InvalidMessage);
});

t.test("a message nested too deeply is refused", async (t) => {
  let nested: Buffer = Buffer.alloc(0);
  for (let level = 0; level < 2000; level += 1) {
    const header = Buffer.from("4200080100000000", "hex");
    header.writeUInt32BE(nested.length, 4);
    nested = Buffer.concat([header, nested]);
  }
  const header = Buffer.from("4200780100000000", "hex");
  header.writeUInt32BE(nested.length, 4);
  t.equal((await failureOf(Buffer.concat([header, nested]))).reason, ResultReason.InvalidMessage);
});

t.test("a batch count that is not the number of items is an invalid message", async (t) => {
  const message = query(V1_2);
  const count = message.indexOf(Buffer.from("42000d0200000004", "hex"));
  message.writeUInt32BE(7, count + 8);
  t.equal((await failureOf(message)).reason, ResultReason.InvalidMessage);
});

t.test("a version the server does not speak is answered in one it speaks, and the connection stays", async (t) => {
  await withClient(async (client) => {
    for (const version of [900, 300, 109]) {
      const answer = await client.exchange(query(version));
      const item = decodeItem(answer);
      const answered = announcedVersion(item) ?? 0;
      t.ok(answered >= V1_0 && answered <= V2_1, `${version} is answered in ${answered}`);
      const [batchItem] = readAnswer(item, answered).batchItems;
      t.equal(batchItem?.resultStatus, ResultStatus.OperationFailed);
    }
    const { status } = await ask(client, V1_4, { operation: Operation.DiscoverVersions, payload: {} });
    t.equal(status, ResultStatus.Success);
  });
});

t.test("an unknown operation is answered as not supported", async (t) => {
  const payload = structureItem(Tag.RequestPayload);
  const message = encodeItem(requestMessageItem(V1_2, [{ operation: 0x7f, payload }]));
  t.equal((await failureOf(message)).reason, ResultReason.OperationNotSupported);
});

t.test("an unknown critical extension fails the item, one that is not critical does not", async (t) => {
  const extended = (isCritical: boolean): Buffer => {
    const extension = structureItem(
      Tag.MessageExtension,
      { tag: Tag.VendorIdentification, type: ItemType.TextString, value: "nobody" },
      { tag: Tag.CriticalityIndicator, type: ItemType.Boolean, value: isCritical },
      structureItem(Tag.VendorExtension),
    );
    const plain = requestMessageItem(V1_2, [{ operation: Operation.Query, payload: { queryFunctions: [1] } }]);
    if (plain.type !== ItemType.Structure) throw new TypeError("a request is a structure");
    const [header, item] = plain.value;
    if (header === undefined || item?.type !== ItemType.Structure) throw new TypeError("a request has an item");
    const batchItem = structureItem(Tag.BatchItem, ...item.value, extension);
    return encodeItem(structureItem(Tag.RequestMessage, header, batchItem));
  };
  t.equal((await failureOf(extended(true))).reason, ResultReason.FeatureNotSupported);
  const answer = await withClient(async (client) => answerOf(await client.exchange(extended(false))));
  t.equal(answer.batchItems[0]?.resultStatus, ResultStatus.Success);
});

t.test("pipelined messages are answered in order, also behind a bad one", async (t) => {
  const bad = query(V1_2);
  const count = bad.indexOf(Buffer.from("42000d0200000004", "hex"));
  bad.writeUInt32BE(7, count + 8);
  const answers = await withClient((client) =>
    Promise.all([query(V1_0), bad, query(V2_1)].map((message) => client.exchange(message))),
  );
  const statuses = answers.map((answer) => answerOf(answer).batchItems[0]?.resultStatus);
  t.strictSame(statuses, [ResultStatus.Success, ResultStatus.OperationFailed, ResultStatus.Success]);
  t.equal(announcedVersion(decodeItem(answers[2] ?? Buffer.alloc(0))), V2_1, "each in its own version");
});

t.test("an answer longer than the client can take is refused as too large", async (t) => {
  const limit: Item = { tag: Tag.MaximumResponseSize, type: ItemType.Integer, value: 200 };
  t.equal((await failureOf(query(V1_2, [limit]))).reason, ResultReason.ResponseTooLarge);
});

t.test("a message that arrives byte by byte is answered", async (t) => {
  await withClient(async (client) => {
    const answer = client.nextAnswer();
    for (const byte of query(V1_4)) client.send(Buffer.from([byte]));
    t.equal(answerOf(await answer).batchItems[0]?.resultStatus, ResultStatus.Success);
  });
});

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  AsynchronousIndicator,
  BatchErrorContinuationOption,
  CancellationResult,
  Operation,
  ProcessingStage,
  ResultReason,
  ResultStatus,
} from "#protocol/enums/index.js";
import { payloads } from "#protocol/payloads/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { type ProtocolVersion, V1_2, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance, registeredAesKey } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import {
  type Answered,
  type Asked,
  ask,
  askAll,
  askFor,
  named,
  payloadOf,
  structureItem,
} from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);
const maximumOfClient = 12;
const home = startedHome();
writeFileSync(
  join(home, "keyreeve.yaml"),
  `asynchronous:\n  maximumOfClient: ${maximumOfClient}\n  startDelayMilliseconds: 60000\n`,
);
let server = await startTestServer({ home });
let client = await connectTo(server);
const second = await server.administration.issueClient("demo", "second");
const other = await connectTo(server, { identity: readIdentity(second) });
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const creating: Asked = { operation: Operation.Create, payload: aesKey() };
const activatingNothing: Asked = { operation: Operation.Activate, payload: { uniqueIdentifier: named("nothing") } };

function indicator(value: number): Item {
  return { tag: Tag.AsynchronousIndicator, type: ItemType.Enumeration, value };
}

const mandatory = [indicator(AsynchronousIndicator.Mandatory)];
const allowedInOne: Item = { tag: Tag.AsynchronousIndicator, type: ItemType.Boolean, value: true };

function continuation(value: number): Item {
  return { tag: Tag.BatchErrorContinuationOption, type: ItemType.Enumeration, value };
}

function correlationValueOf(answered: Answered | undefined): Buffer {
  const value = answered?.item.asynchronousCorrelationValue;
  if (value === undefined) throw new Error(`no correlation value, but ${JSON.stringify(answered)}`);
  return value;
}

async function submit(asked: Asked, by: KmipClient = client): Promise<Buffer> {
  const [answered] = await askAll(by, V2_1, [asked], mandatory);
  return correlationValueOf(answered);
}

function about(operation: number, value: Buffer, version: ProtocolVersion = V2_1, by = client): Promise<Answered> {
  return ask(by, version, { operation, payload: { asynchronousCorrelationValue: value } });
}

/** Polls until the answer is there. */
async function ended(value: Buffer, version: ProtocolVersion = V2_1): Promise<Answered> {
  for (;;) {
    const answered = await about(Operation.Poll, value, version);
    if (answered.status !== ResultStatus.OperationPending) return answered;
    await pause(20);
  }
}

function identifierOf(answered: Answered): string {
  return payloadOf<{ readonly uniqueIdentifier: string }>(answered, V2_1, Operation.Create).uniqueIdentifier;
}

async function outstanding(payload: object = {}): Promise<readonly { processingStage: number; operation: number }[]> {
  const told = await askFor<{ asynchronousRequests: readonly { processingStage: number; operation: number }[] }>(
    client,
    V2_1,
    Operation.QueryAsynchronousRequests,
    payload,
  );
  return told.asynchronousRequests;
}

t.test(
  "a request that must be asynchronous is pending, and polled for is answered as if it had not been",
  async (t) => {
    const [answered] = await askAll(client, V2_1, [{ ...creating, uniqueBatchItemId: Buffer.from("a") }], mandatory);
    t.match(answered?.item, {
      operation: Operation.Create,
      uniqueBatchItemId: Buffer.from("a"),
      responsePayload: undefined,
    });
    t.equal(answered?.status, ResultStatus.OperationPending);
    const answer = await ended(correlationValueOf(answered));
    t.equal(answer.status, ResultStatus.Success);
    t.equal(answer.item.operation, Operation.Create);
    t.match(await actionsOf(client, V2_1).act(Operation.Get, identifierOf(answer)), {});
  },
);

t.test("an answer is given again for a while, and is no longer outstanding", async (t) => {
  const value = await submit(creating);
  const first = await ended(value);
  t.same(await about(Operation.Poll, value), first);
  t.strictSame(await outstanding({ asynchronousCorrelationValues: { asynchronousCorrelationValue: [value] } }), []);
});

t.test("an answer is told in the words of the version that polls", async (t) => {
  const answer = await ended(await submit(creating), V1_2);
  const shapes = payloads.find(({ operation }) => operation === Operation.Create);
  t.ok(answer.item.responsePayload);
  if (answer.item.responsePayload !== undefined) {
    t.doesNotThrow(() => shapes?.response.decode(answer.item.responsePayload as Item, { version: V1_2 }));
  }
});

t.test("what a search found later is told as it would have been at once, in each version", async (t) => {
  const { create } = actionsOf(client, V2_1);
  const name = `found later ${randomBytes(4).toString("hex")}`;
  const group = instance(attributes.objectGroup, name);
  const made = await Promise.all(Array.from({ length: 3 }, () => create(group)));
  const searching: Asked = { operation: Operation.Locate, payload: { attributes: [group] } };
  const answered = await submit(searching);
  for (const version of [V1_2, V2_0, V2_1] as const) {
    const { uniqueIdentifiers } = payloadOf<{ readonly uniqueIdentifiers: readonly string[] }>(
      await ended(answered, version),
      version,
      Operation.Locate,
    );
    t.same([...uniqueIdentifiers].sort(), [...made].sort());
  }
});

t.test("a failure that comes later is told by Poll", async (t) => {
  const answer = await ended(await submit(activatingNothing));
  t.match(answer, { status: ResultStatus.OperationFailed, reason: ResultReason.ObjectNotFound });
  t.equal(answer.item.operation, Operation.Activate);
});

t.test("a failure that comes later has the reason it would have had at once, in 1.x too", async (t) => {
  const id = await actionsOf(client, V1_2).create();
  const validating: Asked = {
    operation: Operation.Validate,
    payload: { certificates: [], uniqueIdentifiers: [named(id)] },
  };
  const mac: Asked = { operation: Operation.MAC, payload: { uniqueIdentifier: named(id), data: Buffer.from("data") } };
  for (const asked of [validating, mac]) {
    const atOnce = await ask(client, V1_2, asked);
    const [later] = await askAll(client, V1_2, [asked], [allowedInOne]);
    const answer = await ended(correlationValueOf(later), V1_2);
    t.equal(answer.status, ResultStatus.OperationFailed);
    t.equal(answer.reason, atOnce.reason);
  }
});

t.test("what cannot be read is refused at once", async (t) => {
  const payload = structureItem(Tag.RequestPayload);
  const [answered] = await askAll(client, V2_1, [{ operation: Operation.Create, payload }], mandatory);
  t.match(answered, { status: ResultStatus.OperationFailed, reason: ResultReason.InvalidMessage });
});

t.test("what is pending rests sealed: no file of the server holds the key that it brings", async (t) => {
  const keyMaterial = randomBytes(32);
  const value = await submit({ operation: Operation.Register, payload: registeredAesKey(keyMaterial) });
  const files = readdirSync(server.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const holding = files.filter((entry) => {
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    return bytes.includes(keyMaterial) || bytes.includes(keyMaterial.toString("base64"));
  });
  t.ok(files.some(({ name }) => name === "keyreeve.db"));
  t.strictSame(
    holding.map(({ name }) => name),
    [],
  );
  t.equal((await ended(value)).status, ResultStatus.Success);
});

t.test("in 1.x a client that allows it gets a value; one that does not, an answer", async (t) => {
  const [allowed] = await askAll(client, V1_2, [creating], [allowedInOne]);
  t.equal(allowed?.status, ResultStatus.OperationPending);
  t.equal((await ended(correlationValueOf(allowed), V1_2)).status, ResultStatus.Success);
  const [prohibited] = await askAll(client, V1_2, [creating], [{ ...allowedInOne, value: false } as Item]);
  t.equal(prohibited?.status, ResultStatus.Success);
});

t.test("where it is optional, only long operations are put off, and what stands behind one in the batch", async (t) => {
  const pair: Asked = {
    operation: Operation.CreateKeyPair,
    payload: {
      commonAttributes: {
        attributes: [
          { name: "Cryptographic Algorithm", value: 4 },
          { name: "Cryptographic Length", value: 2048 },
        ],
        templates: [],
      },
    },
  };
  const batch = [creating, pair, creating];
  const answered = await askAll(client, V2_0, batch, [indicator(AsynchronousIndicator.Optional)]);
  t.strictSame(
    answered.map(({ status }) => status),
    [ResultStatus.Success, ResultStatus.OperationPending, ResultStatus.OperationPending],
  );
  for (const each of answered.slice(1))
    t.equal((await ended(correlationValueOf(each), V2_0)).status, ResultStatus.Success);
});

t.test("the ID placeholder goes from item to item of a batch that is worked on later", async (t) => {
  const batch = [creating, { operation: Operation.Activate, payload: {} }, { operation: Operation.Get, payload: {} }];
  const answered = await askAll(client, V2_1, batch, mandatory);
  const answers: Answered[] = [];
  for (const each of answered) answers.push(await ended(correlationValueOf(each)));
  t.strictSame(
    answers.map(({ status }) => status),
    batch.map(() => ResultStatus.Success),
  );
});

t.test("a batch that stops at a failure does not work on the items behind it; one that continues does", async (t) => {
  for (const [option, expected] of [
    [BatchErrorContinuationOption.Stop, ResultStatus.OperationFailed],
    [BatchErrorContinuationOption.Continue, ResultStatus.Success],
  ] as const) {
    const headers = [...mandatory, continuation(option)];
    const answered = await askAll(client, V2_1, [activatingNothing, creating], headers);
    t.equal((await ended(correlationValueOf(answered[1]))).status, expected);
    await ended(correlationValueOf(answered[0]));
  }
});

t.test("a batch that is to be undone is worked on as a whole, and taken back as a whole", async (t) => {
  const headers = [...mandatory, continuation(BatchErrorContinuationOption.Undo)];
  const answered = await askAll(client, V2_1, [creating, activatingNothing, creating], headers);
  t.equal(answered.length, 3);
  const unable = await about(Operation.Cancel, correlationValueOf(answered[0]));
  t.equal(resultOf(unable), CancellationResult.UnableToCancel);
  const answers: Answered[] = [];
  for (const each of answered) answers.push(await ended(correlationValueOf(each)));
  t.strictSame(
    answers.map(({ status }) => status),
    [ResultStatus.OperationUndone, ResultStatus.OperationFailed, ResultStatus.OperationFailed],
  );
  const [undone] = answers;
  if (undone === undefined) throw new Error("there is no answer");
  const got = { operation: Operation.Get, payload: { uniqueIdentifier: named(identifierOf(undone)) } };
  t.equal((await ask(client, V2_1, got)).reason, ResultReason.ObjectNotFound);
});

t.test("a batch that is to be undone is not put off in part where one of its operations never is", async (t) => {
  const headers = [...mandatory, continuation(BatchErrorContinuationOption.Undo)];
  const ping = { operation: Operation.Ping, payload: {} };
  const answered = await askAll(client, V2_1, [creating, ping, activatingNothing], headers);
  t.strictSame(
    answered.map(({ status }) => status),
    [ResultStatus.OperationUndone, ResultStatus.OperationUndone, ResultStatus.OperationFailed],
  );
});

function resultOf({ item }: Answered): number | undefined {
  const payload = item.responsePayload;
  const fields = payload?.type === ItemType.Structure ? payload.value : [];
  const result = fields.find(({ tag }) => tag === Tag.CancellationResult);
  return result?.type === ItemType.Enumeration ? result.value : undefined;
}

t.test("what is canceled is not done, and says so", async (t) => {
  const value = await submit(creating);
  t.equal(resultOf(await about(Operation.Cancel, value)), CancellationResult.Canceled);
  t.equal((await about(Operation.Poll, value)).reason, ResultReason.OperationCanceledByRequester);
  t.equal(resultOf(await about(Operation.Cancel, value)), CancellationResult.Canceled);
});

t.test("it is too late to cancel what has ended, and nothing is known of what never was", async (t) => {
  const good = await submit(creating);
  await ended(good);
  t.equal(resultOf(await about(Operation.Cancel, good)), CancellationResult.Completed);
  const bad = await submit(activatingNothing);
  await ended(bad);
  t.equal(resultOf(await about(Operation.Cancel, bad)), CancellationResult.Failed);
  t.equal(resultOf(await about(Operation.Cancel, randomBytes(16))), CancellationResult.Unavailable);
  for (const operation of [Operation.Cancel, Operation.Poll, Operation.Process]) {
    const answer = await about(operation, Buffer.from("short"));
    t.equal(answer.reason, ResultReason.InvalidAsynchronousCorrelationValue);
  }
  t.equal((await about(Operation.Poll, randomBytes(16))).reason, ResultReason.InvalidAsynchronousCorrelationValue);
  t.equal((await about(Operation.Poll, randomBytes(16), V1_2)).reason, ResultReason.ItemNotFound);
});

t.test("another client's value is one that never was", async (t) => {
  const value = await submit(creating);
  t.equal((await about(Operation.Poll, value, V2_1, other)).reason, ResultReason.InvalidAsynchronousCorrelationValue);
  t.equal(resultOf(await about(Operation.Cancel, value, V2_1, other)), CancellationResult.Unavailable);
  await ended(value);
});

t.test("what is processed is never pending afterwards, and is not processed twice", async (t) => {
  const value = await submit(creating);
  t.equal((await about(Operation.Process, value)).status, ResultStatus.Success);
  t.equal((await about(Operation.Process, value)).reason, ResultReason.DuplicateProcessRequest);
  t.equal((await about(Operation.Poll, value)).status, ResultStatus.Success);
});

t.test("outstanding requests are listed by value and by operation, with where they stand", async (t) => {
  const value = await submit(creating);
  const asked = { asynchronousCorrelationValues: { asynchronousCorrelationValue: [value] } };
  t.match(await outstanding(asked), [{ operation: Operation.Create, processingStage: ProcessingStage.Submitted }]);
  t.strictSame(await outstanding({ ...asked, operations: { operation: [Operation.Get] } }), []);
  await about(Operation.Process, value);
  t.match(await outstanding({ operations: { operation: [Operation.Create] } }), [
    { processingStage: ProcessingStage.Completed },
  ]);
  await ended(value);
});

t.test("a client has so many outstanding requests and no more", async (t) => {
  const values: Buffer[] = [];
  for (let count = 0; count < maximumOfClient; count += 1) values.push(await submit(creating));
  const [refused] = await askAll(client, V2_1, [creating], mandatory);
  t.equal(refused?.reason, ResultReason.ServerLimitExceeded);
  t.equal((await askAll(other, V2_1, [creating], mandatory))[0]?.status, ResultStatus.OperationPending);
  for (const value of values) await about(Operation.Cancel, value);
});

t.test("a server that is killed does what was pending once it is back, and keeps what was done", async (t) => {
  const done = await submit(creating);
  await about(Operation.Process, done);
  const pending = await submit(creating);
  await client.close();
  await server.kill();
  server = await startTestServer({ home });
  client = await connectTo(server);
  t.equal((await ended(done)).status, ResultStatus.Success);
  t.equal((await ended(pending)).status, ResultStatus.Success);
});

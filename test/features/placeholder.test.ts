import { randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BatchErrorContinuationOption,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  LinkType,
  Operation,
  ResultReason,
  ResultStatus,
  UniqueIdentifier,
} from "#protocol/enums/index.js";
import { getAttributesResponse } from "#protocol/payloads/get-attributes.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { type ProtocolVersion, supportedVersions, V1_2, V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { type Answered, type Asked, askAll, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const goOn: Item = {
  tag: Tag.BatchErrorContinuationOption,
  type: ItemType.Enumeration,
  value: BatchErrorContinuationOption.Continue,
};
const creating: Asked = { operation: Operation.Create, payload: aesKey() };
const unnamed: Asked = { operation: Operation.GetAttributes, payload: { attributeNames: ["Unique Identifier"] } };

function pair(): Asked {
  return {
    operation: Operation.CreateKeyPair,
    payload: {
      commonAttributes: requested(
        instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA),
        instance(attributes.cryptographicLength, 256),
      ),
      privateKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign)),
      publicKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify)),
    },
  };
}

/** Every text in the answer under a tag of Unique Identifiers. */
function identifiers(answered: Answered | undefined): readonly string[] {
  const payload = answered?.item.responsePayload;
  if (payload?.type !== ItemType.Structure) return [];
  return payload.value.flatMap((item) =>
    item.type === ItemType.TextString &&
    [Tag.UniqueIdentifier, Tag.PrivateKeyUniqueIdentifier, Tag.PublicKeyUniqueIdentifier].some(
      (tag) => tag === item.tag,
    )
      ? [item.value]
      : [],
  );
}

function concerned(answered: Answered | undefined, version: ProtocolVersion): string {
  const payload = answered?.item.responsePayload;
  return payload === undefined ? "" : getAttributesResponse.decode(payload, { version }).uniqueIdentifier;
}

t.test("every version takes the object an item before it created", async (t) => {
  for (const version of supportedVersions) {
    const [created, read] = await askAll(client, version, [creating, unnamed]);
    t.equal(concerned(read, version), identifiers(created)[0]);
  }
});

t.test("Recover leaves the object it recovered", async (t) => {
  const id = await actionsOf(client, V2_1).create();
  const uniqueIdentifier = named(id);
  const [, , read] = await askAll(client, V2_1, [
    { operation: Operation.Archive, payload: { uniqueIdentifier } },
    { operation: Operation.Recover, payload: { uniqueIdentifier } },
    unnamed,
  ]);
  t.equal(concerned(read, V2_1), id);
});

t.test("Create Key Pair leaves the private key", async (t) => {
  const [made, read] = await askAll(client, V1_2, [pair(), unnamed]);
  t.equal(concerned(read, V1_2), identifiers(made)[0]);
});

t.test("Locate leaves the one object it found, and nothing where it found none or several", async (t) => {
  const { create } = actionsOf(client, V1_2);
  const [one, group] = [randomUUID(), randomUUID()];
  const id = await create(nameOf(one), instance(attributes.objectGroup, group));
  await create(instance(attributes.objectGroup, group));
  const locating = (...filters: readonly unknown[]): Asked => ({
    operation: Operation.Locate,
    payload: { attributes: filters },
  });
  const [, found] = await askAll(client, V1_2, [locating(nameOf(one)), unnamed]);
  t.equal(concerned(found, V1_2), id);
  for (const filter of [nameOf(randomUUID()), instance(attributes.objectGroup, group)]) {
    const [, , after] = await askAll(client, V1_2, [creating, locating(filter), unnamed]);
    t.equal(after?.reason, ResultReason.ItemNotFound);
  }
});

t.test("operations on a named object leave the placeholder as it was", async (t) => {
  const { create } = actionsOf(client, V1_2);
  const other = await create();
  for (const operation of [Operation.GetAttributes, Operation.Get, Operation.Activate, Operation.GetAttributeList]) {
    const [created, , read] = await askAll(client, V1_2, [
      creating,
      { operation, payload: { uniqueIdentifier: named(other), attributeNames: [] } },
      unnamed,
    ]);
    t.equal(concerned(read, V1_2), identifiers(created)[0]);
  }
});

t.test("behind a failure no item works on the object of an item before it", async (t) => {
  const failing: Asked = { operation: Operation.Create, payload: aesKey(instance(attributes.cryptographicLength, 7)) };
  const [created, failed, destroyed] = await askAll(
    client,
    V1_2,
    [creating, failing, { operation: Operation.Destroy, payload: {} }],
    [goOn],
  );
  t.equal(created?.status, ResultStatus.Success);
  t.equal(failed?.status, ResultStatus.OperationFailed);
  t.equal(destroyed?.reason, ResultReason.ItemNotFound);
});

t.test("the placeholder does not outlive its message", async (t) => {
  await askAll(client, V1_2, [creating]);
  const [answer] = await askAll(client, V1_2, [unnamed]);
  t.equal(answer?.reason, ResultReason.ItemNotFound);
});

t.test("2.x names the object by the operation that made or found it, the latest of its kind", async (t) => {
  const reading = (operation: number): Asked => ({
    operation: Operation.GetAttributes,
    payload: { uniqueIdentifier: { kind: "placeholder", operation }, attributeNames: ["Unique Identifier"] },
  });
  const name = randomUUID();
  const answers = await askAll(client, V2_1, [
    creating,
    { operation: Operation.Create, payload: aesKey(nameOf(name)) },
    { operation: Operation.ReKey, payload: {} },
    pair(),
    { operation: Operation.Locate, payload: { attributes: [nameOf(name)] } },
    reading(UniqueIdentifier.Create),
    reading(UniqueIdentifier.ReKey),
    reading(UniqueIdentifier.CreateKeyPair),
    reading(UniqueIdentifier.CreateKeyPairPublicKey),
    reading(UniqueIdentifier.Locate),
    reading(UniqueIdentifier.Register),
  ]);
  const told = answers.map(identifiers);
  const read = answers.slice(5, 10).map((answer) => concerned(answer, V2_1));
  t.strictSame(read, [told[1]?.[0], told[2]?.[0], told[3]?.[0], told[3]?.[1], told[2]?.[0]]);
  t.equal(answers[10]?.reason, ResultReason.ObjectNotFound);
});

t.test("2.x names an object by the place of its identifier in the response, from either end", async (t) => {
  const nth = (index: number): Asked => ({
    operation: Operation.GetAttributes,
    payload: { uniqueIdentifier: { kind: "batch-item", index }, attributeNames: ["Unique Identifier"] },
  });
  const answers = await askAll(client, V2_1, [creating, pair(), nth(2), nth(0), nth(-2), nth(99)]);
  const [created, both] = answers.map(identifiers);
  t.strictSame(
    answers.slice(2, 5).map((answer) => concerned(answer, V2_1)),
    [both?.[1], created?.[0], both?.[1]],
  );
  t.equal(answers[5]?.reason, ResultReason.ObjectNotFound);
});

t.test("2.x names an object by its place among those that a Locate before it found", async (t) => {
  const name = nameOf(randomUUID());
  const { create, locate } = actionsOf(client, V1_2);
  const made = [await create(name), await create(name), await create(name)];
  const found = await locate(name);
  t.strictSame([...found].sort(), [...made].sort());
  const locating: Asked = { operation: Operation.Locate, payload: { attributes: [name] } };
  const nth = (index: number): Asked => ({
    operation: Operation.GetAttributes,
    payload: { uniqueIdentifier: { kind: "batch-item", index }, attributeNames: ["Unique Identifier"] },
  });
  const answers = await askAll(client, V2_1, [locating, nth(1), nth(-2)]);
  t.strictSame(
    answers.slice(1).map((answer) => concerned(answer, V2_1)),
    // What the item between them told is counted, too.
    [found[1], found[2]],
  );
});

t.test("2.x links an object to what earlier items of the batch made, and keeps its identifier", async (t) => {
  const parent = (linkedObjectIdentifier: ObjectNaming) =>
    instance(attributes.link, { linkType: LinkType.ParentLink, linkedObjectIdentifier });
  const made = (naming: ObjectNaming): Asked => ({ operation: Operation.Create, payload: aesKey(parent(naming)) });
  const first: ObjectNaming = { kind: "batch-item", index: 0 };
  const answers = await askAll(client, V2_1, [
    creating,
    made({ kind: "placeholder", operation: UniqueIdentifier.IDPlaceholder }),
    made(first),
    creating,
    { operation: Operation.AddAttribute, payload: { newAttribute: parent(first) } },
    made({ kind: "batch-item", index: 99 }),
  ]);
  const [created, ...children] = answers.slice(0, 4).map((answered) => identifiers(answered)[0]);
  for (const uniqueIdentifier of children) {
    const payload = { uniqueIdentifier: named(uniqueIdentifier ?? ""), attributeNames: ["Link"] };
    const [read] = await askAll(client, V2_1, [{ operation: Operation.GetAttributes, payload }]);
    const { attributes: found } = getAttributesResponse.decode(read?.item.responsePayload as Item, { version: V2_1 });
    t.strictSame(found, [parent(named(created ?? ""))]);
  }
  t.equal(answers[5]?.reason, ResultReason.ObjectNotFound);
});

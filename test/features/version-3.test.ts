import t from "tap";
import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  ObjectClass,
  ObjectType,
  Operation,
  ResultReason,
  ResultStatus,
  State,
} from "#protocol/enums/index.js";
import { protocolVersionCodec } from "#protocol/messages/header.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { supportedVersions, V1_4, V2_1, V3_0 } from "#protocol/versions.js";
import { actionsOf, nameOf } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { requestMessageItem, structureItem, versionItem } from "#test/support/kmip-client-messages.js";
import { connectTo, startedHome, startTestServer } from "#test/support/server.js";

const server = await startTestServer({
  home: startedHome(),
  environment: { KEYREEVE_EXPERIMENTAL_VERSIONS: "3.0" },
});
const plainServer = await startTestServer();
const client = await connectTo(server);
const plainClient = await connectTo(plainServer);
t.teardown(async () => {
  await client.close();
  await plainClient.close();
  await server.stop();
  await plainServer.stop();
});

const enumeration = (tag: number, value: number): Item => ({ tag, type: ItemType.Enumeration, value });
const number = (tag: number, value: number): Item => ({ tag, type: ItemType.Integer, value });
const identifier = (value: string): Item => ({ tag: Tag.UniqueIdentifier, type: ItemType.Identifier, value });

/** Sends a message of 3.0, which has no counts and IDs of batch items. Gives the answer's batch items. */
async function ask(
  by: KmipClient,
  ...asked: readonly (readonly [operation: number, ...fields: Item[]])[]
): Promise<readonly Item[]> {
  const items = asked.map(([operation, ...fields]) =>
    structureItem(Tag.BatchItem, enumeration(Tag.Operation, operation), structureItem(Tag.RequestPayload, ...fields)),
  );
  const header = structureItem(Tag.RequestHeader, versionItem(V3_0));
  const answer = await by.request(structureItem(Tag.RequestMessage, header, ...items));
  const [, ...batchItems] = childrenOf(answer);
  return batchItems;
}

function childrenOf(item: Item | undefined): readonly Item[] {
  return item?.type === ItemType.Structure ? item.value : [];
}

/** The first item with the tag, however deep it stands. */
function within(item: Item | undefined, tag: number): Item | undefined {
  return item?.tag === tag
    ? item
    : childrenOf(item)
        .map((child) => within(child, tag))
        .find((found) => found !== undefined);
}

const keyAttributes = structureItem(
  Tag.Attributes,
  enumeration(Tag.CryptographicAlgorithm, CryptographicAlgorithm.AES),
  number(Tag.CryptographicLength, 128),
  number(Tag.CryptographicUsageMask, CryptographicUsageMask.Encrypt),
  { tag: Tag.Name, type: ItemType.TextString, value: "a key of 3.0" },
);

t.test("a key is created, told of and destroyed in messages without counts and IDs of batch items", async (t) => {
  const [created, told] = await ask(
    client,
    [Operation.Create, enumeration(Tag.ObjectType, ObjectType.SymmetricKey), keyAttributes],
    [Operation.GetAttributes],
  );
  const id = within(created, Tag.UniqueIdentifier);
  t.equal(id?.type, ItemType.Identifier);
  t.equal(within(created, Tag.UniqueBatchItemID), undefined);
  t.same(within(told, Tag.UniqueIdentifier), id, "the ID placeholder holds in a batch");
  t.same(within(told, Tag.Name), { tag: Tag.Name, type: ItemType.TextString, value: "a key of 3.0" });
  t.same(within(told, Tag.ObjectClass), enumeration(Tag.ObjectClass, ObjectClass.User));
  t.same(within(told, Tag.State), enumeration(Tag.State, State.PreActive));

  const [destroyed] = await ask(client, [Operation.Destroy, identifier(String(id?.value))]);
  t.same(within(destroyed, Tag.ResultStatus), enumeration(Tag.ResultStatus, ResultStatus.Success));
});

t.test("a search tells identifiers by the item type that 3.0 has for them", async (t) => {
  const name = { tag: Tag.Name, type: ItemType.TextString, value: "sought in 3.0" } as const;
  const { create } = actionsOf(client, V1_4);
  const made = [await create(nameOf(name.value)), await create(nameOf(name.value))];
  const [located] = await ask(client, [Operation.Locate, structureItem(Tag.Attributes, name)]);
  t.strictSame(childrenOf(within(located, Tag.ResponsePayload)), made.toReversed().map(identifier));
});

t.test("a key of an older version is the same key, and has no Object Class there", async (t) => {
  const { create, activate } = actionsOf(client, V1_4);
  const id = await create();
  await activate(id);
  const [told] = await ask(client, [Operation.GetAttributes, identifier(id)]);
  t.same(within(told, Tag.State), enumeration(Tag.State, State.Active));

  const naming = structureItem(Tag.RequestPayload, { ...identifier(id), type: ItemType.TextString } as Item);
  const older = await client.request(
    requestMessageItem(V2_1, [{ operation: Operation.GetAttributes, payload: naming }]),
  );
  t.same(within(older, Tag.State), enumeration(Tag.State, State.Active));
  t.equal(within(older, Tag.ObjectClass), undefined);
});

t.test("operations of 3.0 that this server does not perform are refused as such", async (t) => {
  const operations = [
    Operation.CreateGroup,
    Operation.Obliterate,
    Operation.CreateUser,
    Operation.CreateCredential,
    Operation.Deactivate,
  ];
  for (const operation of operations) {
    const [item] = await ask(client, [operation]);
    t.same(within(item, Tag.ResultReason), enumeration(Tag.ResultReason, ResultReason.OperationNotSupported));
  }
});

t.test("an item type of 3.0 in a message of an older version makes it invalid", async (t) => {
  const payload = structureItem(Tag.RequestPayload, identifier("1"));
  const answer = await client.request(requestMessageItem(V2_1, [{ operation: Operation.Get, payload }]));
  t.same(within(answer, Tag.ResultReason), enumeration(Tag.ResultReason, ResultReason.InvalidMessage));
});

/** The versions that a server says it speaks. */
async function discovered(by: KmipClient): Promise<readonly number[]> {
  const payload = structureItem(Tag.RequestPayload);
  const answer = await by.request(requestMessageItem(V2_1, [{ operation: Operation.DiscoverVersions, payload }]));
  return childrenOf(within(answer, Tag.ResponsePayload)).map((item) =>
    protocolVersionCodec.decode(item, { version: V2_1 }),
  );
}

t.test("3.0 stands first among the versions where it was turned on, and nowhere else", async (t) => {
  t.same(await discovered(client), [V3_0, ...supportedVersions]);
  t.same(await discovered(plainClient), supportedVersions);
});

t.test("where 3.0 was not turned on, its messages are refused in the newest version there is", async (t) => {
  const header = structureItem(Tag.RequestHeader, versionItem(V3_0));
  const answer = await plainClient.request(structureItem(Tag.RequestMessage, header));
  t.same(within(answer, Tag.ProtocolVersion), versionItem(V2_1));
  t.same(within(answer, Tag.ResultReason), enumeration(Tag.ResultReason, ResultReason.UnsupportedProtocolVersion));
});

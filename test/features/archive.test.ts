import { randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BlockCipherMode,
  CryptographicUsageMask,
  Operation,
  ResultReason,
  StorageStatusMask,
} from "#protocol/enums/index.js";
import { type ProtocolVersion, supportedVersions, V1_2, V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance, nameOf } from "#test/support/kmip-actions.js";
import { ask, askAll, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { act, create, destroy, revoke, value } = actionsOf(client, V2_1);
const active = instance(attributes.activationDate, 1000);

async function reasonOf(
  operation: number,
  id: string,
  more: object = {},
  version: ProtocolVersion = V2_1,
): Promise<number | undefined> {
  return (await ask(client, version, { operation, payload: { uniqueIdentifier: named(id), ...more } })).reason;
}

t.test("every version archives an object, keeps it from use, and recovers it unchanged", async (t) => {
  for (const version of supportedVersions) {
    const { act: actIn, values } = actionsOf(client, version);
    const id = await create(active);
    const before = await actIn(Operation.Get, id);
    await actIn(Operation.Archive, id);
    t.equal((await values(id, attributes.archiveDate)).length, 1);
    t.equal(await reasonOf(Operation.Get, id, {}, version), ResultReason.ObjectArchived);
    t.equal(await reasonOf(Operation.Archive, id, {}, version), ResultReason.ObjectArchived);
    await actIn(Operation.Recover, id);
    t.same(await values(id, attributes.archiveDate), []);
    t.same(await actIn(Operation.Get, id), before);
  }
});

t.test(
  "an archived key does nothing, whatever names it, but its attributes are told and it can be destroyed",
  async (t) => {
    const id = await create(active);
    const cryptographicParameters = { blockCipherMode: BlockCipherMode.ECB };
    const plain = { data: Buffer.alloc(16), cryptographicParameters };
    await act(Operation.Encrypt, id, plain);
    await act(Operation.Archive, id);
    const newAttribute = instance(attributes.comment, "late");
    const refused: readonly [number, object][] = [
      [Operation.Encrypt, plain],
      [Operation.Decrypt, plain],
      [Operation.AddAttribute, { newAttribute }],
      [Operation.SetAttribute, { newAttribute }],
      [Operation.ReKey, {}],
      [Operation.ObtainLease, {}],
      [Operation.Check, {}],
    ];
    for (const [operation, more] of refused) t.equal(await reasonOf(operation, id, more), ResultReason.ObjectArchived);
    const other = await create();
    const keyWrappingSpecification = {
      wrappingMethod: 1,
      encryptionKeyInformation: { uniqueIdentifier: id },
      attributeNames: [],
    };
    t.equal(await reasonOf(Operation.Get, other, { keyWrappingSpecification }), ResultReason.WrappingObjectArchived);
    t.type(await value(id, attributes.archiveDate), "number");
    await revoke(id);
    await destroy(id);
    t.equal(await reasonOf(Operation.Recover, id), ResultReason.ObjectDestroyed);
  },
);

t.test("Locate looks on-line unless the Storage Status Mask says otherwise", async (t) => {
  const { OnLineStorage, ArchivalStorage, DestroyedStorage } = StorageStatusMask;
  const group = instance(attributes.objectGroup, randomUUID());
  const [online, archived, destroyed] = [await create(group), await create(group), await create(group)];
  await act(Operation.Archive, archived);
  await destroy(destroyed);
  const locate = async (mask: number | undefined, version: ProtocolVersion): Promise<readonly string[]> => {
    const asked = { attributes: [group], ...(mask === undefined ? {} : { storageStatusMask: mask }) };
    const { act: actIn } = actionsOf(client, version);
    return (await actIn<{ uniqueIdentifiers: readonly string[] }>(Operation.Locate, undefined, asked))
      .uniqueIdentifiers;
  };
  for (const version of [V1_2, V2_1]) {
    t.same(await locate(undefined, version), [online]);
    t.same(await locate(ArchivalStorage, version), [archived]);
    t.same(await locate(OnLineStorage | ArchivalStorage, version), [archived, online]);
  }
  t.same(await locate(DestroyedStorage, V2_1), [destroyed]);
  t.same(await locate(DestroyedStorage, V1_2), []);
});

t.test("Archive and Recover take the ID placeholder, and leave objects on-line that are on-line", async (t) => {
  const answers = await askAll(client, V1_2, [
    { operation: Operation.Create, payload: aesKey(nameOf(randomUUID())) },
    { operation: Operation.Archive, payload: {} },
    { operation: Operation.Recover, payload: {} },
    { operation: Operation.Recover, payload: {} },
    { operation: Operation.Get, payload: {} },
  ]);
  t.same(
    answers.map(({ reason }) => reason),
    [undefined, undefined, undefined, undefined, undefined],
  );
  t.equal(await reasonOf(Operation.Archive, "nobody's"), ResultReason.ObjectNotFound);
  t.equal(await reasonOf(Operation.Recover, "nobody's"), ResultReason.ObjectNotFound);
});

t.test("a wrapping key that is archived wraps nothing in older versions either", async (t) => {
  const mask = instance(attributes.cryptographicUsageMask, CryptographicUsageMask.WrapKey);
  const wrapping = await create(active, mask);
  await act(Operation.Archive, wrapping);
  const keyWrappingSpecification = {
    wrappingMethod: 1,
    encryptionKeyInformation: { uniqueIdentifier: wrapping },
    attributeNames: [],
  };
  const id = await create();
  t.equal(await reasonOf(Operation.Get, id, { keyWrappingSpecification }, V1_2), ResultReason.ObjectArchived);
});

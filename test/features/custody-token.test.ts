import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BatchErrorContinuationOption,
  BlockCipherMode,
  Operation,
  PaddingMethod,
  ProtectionStorageMask,
  ResultReason,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, askAll, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

let server = await startTestServer();
let client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const inToken = instance(attributes.protectionLevel, 1);
const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
const secret = Buffer.from("what only the token can open");

async function encrypted(by: KmipClient, id: string): Promise<{ data: Buffer; ivCounterNonce: Buffer }> {
  return actionsOf(by, V2_1).act(Operation.Encrypt, id, { cryptographicParameters, data: secret });
}

t.test("a key of high protection is in the token, does its work there, and does not leave it", async (t) => {
  const { create, activate, act, value } = actionsOf(client, V2_1);
  const id = await create(inToken);
  t.equal(await value(id, attributes.protectionStorageMask), ProtectionStorageMask.Hardware);
  t.equal(await value(id, attributes.extractable), false);
  await activate(id);
  const { data, ivCounterNonce } = await encrypted(client, id);
  const opened = await act<{ data: Buffer }>(Operation.Decrypt, id, { cryptographicParameters, data, ivCounterNonce });
  t.same(opened.data, secret);
  const answer = await ask(client, V2_1, { operation: Operation.Get, payload: { uniqueIdentifier: named(id) } });
  t.equal(answer.reason, ResultReason.NotExtractable);
});

t.test("a key in the token outlives a server that is killed, and its intents are settled", async (t) => {
  const { create, activate } = actionsOf(client, V2_1);
  const id = await create(inToken);
  await activate(id);
  const { data, ivCounterNonce } = await encrypted(client, id);
  await client.close();
  await server.kill();
  server = await startTestServer({ home: server.home });
  client = await connectTo(server);
  const opened = await actionsOf(client, V2_1).act<{ data: Buffer }>(Operation.Decrypt, id, {
    cryptographicParameters,
    data,
    ivCounterNonce,
  });
  t.same(opened.data, secret);
  t.notMatch(server.output(), /stays open/);
});

t.test("a destroyed key of the token is gone, and its attributes stay", async (t) => {
  const { create, destroy, value } = actionsOf(client, V2_1);
  const id = await create(inToken);
  await destroy(id);
  const answer = await ask(client, V2_1, {
    operation: Operation.Encrypt,
    payload: { uniqueIdentifier: named(id), data: secret },
  });
  t.equal(answer.reason, ResultReason.ObjectDestroyed);
  t.ok(await value(id, attributes.destroyDate));
});

t.test("a key made in the token by an undone batch leaves a trail: the intention and the undoing", async (t) => {
  const undo: Item = {
    tag: Tag.BatchErrorContinuationOption,
    type: ItemType.Enumeration,
    value: BatchErrorContinuationOption.Undo,
  };
  const failing = { operation: Operation.Activate, payload: { uniqueIdentifier: named("no such object") } };
  await askAll(client, V2_1, [{ operation: Operation.Create, payload: aesKey(inToken) }, failing], [undo]);
  const rows = (await server.administration.exportAudit()).split("\n");
  t.ok(rows.some((row) => row.includes('"outcome":"intent"') && /"objectId":"[0-9a-f-]{36}"/.test(row)));
  t.ok(rows.some((row) => row.includes('"outcome":"undone"')));
});

t.test("a key in the token can be replaced by Re-key, which makes the new one there too", async (t) => {
  const { create, act, value } = actionsOf(client, V2_1);
  const id = await create(inToken);
  const { uniqueIdentifier } = await act<{ uniqueIdentifier: string }>(Operation.ReKey, id, {
    attributes: { attributes: [], templates: [] },
  });
  t.not(uniqueIdentifier, id);
  t.equal(await value(uniqueIdentifier, attributes.protectionStorageMask), ProtectionStorageMask.Hardware);
  t.equal(await value(uniqueIdentifier, attributes.fresh), true);
});

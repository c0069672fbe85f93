import { randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  ObjectType,
  Operation,
  ResultReason,
} from "#protocol/enums/index.js";
import { type ProtocolVersion, V1_2, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance, registeredAesKey, requested } from "#test/support/kmip-actions.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
const otherIdentity = readIdentity(await server.administration.issueClient("demo", "no-administrator"));
const other = await connectTo(server, { identity: otherIdentity });
t.teardown(async () => {
  await client.close();
  await other.close();
  await server.stop();
});

const { act, create, value } = actionsOf(client, V2_1);
const { Encrypt, Decrypt, WrapKey } = CryptographicUsageMask;
const symmetric = { objectType: [ObjectType.SymmetricKey] };

async function reasonOf(
  operation: number,
  payload: unknown,
  version: ProtocolVersion = V2_1,
): Promise<number | undefined> {
  return (await ask(client, version, { operation, payload })).reason;
}

async function setDefaults(...objectDefaults: readonly object[]): Promise<void> {
  await act(Operation.SetDefaults, undefined, { defaultsInformation: { objectDefaults } });
}

async function setConstraints(...constraint: readonly object[]): Promise<void> {
  await act(Operation.SetConstraints, undefined, { constraints: { constraint } });
}

const length = (bits: number): AttributeInstance => instance(attributes.cryptographicLength, bits);
const algorithm = instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES);

t.test("defaults fill in what a request leaves out, in every version, and what it gives wins", async (t) => {
  await setDefaults({
    objectTypes: symmetric,
    attributes: [algorithm, length(192), instance(attributes.comment, "made")],
  });
  const payload = { objectType: ObjectType.SymmetricKey, attributes: requested() };
  for (const version of [V1_2, V2_1]) {
    const made = await actionsOf(client, version).act<{ uniqueIdentifier: string }>(
      Operation.Create,
      undefined,
      payload,
    );
    t.equal(await value(made.uniqueIdentifier, attributes.cryptographicLength), 192);
    t.equal(await value(made.uniqueIdentifier, attributes.comment), "made");
  }
  const given = await create(length(128), instance(attributes.comment, "by hand"));
  t.equal(await value(given, attributes.cryptographicLength), 128);
  t.equal(await value(given, attributes.comment), "by hand");
});

t.test("defaults of an object's group speak before those for all", async (t) => {
  const group = randomUUID();
  await setDefaults(
    { objectTypes: symmetric, attributes: [instance(attributes.comment, "for all")] },
    {
      objectTypes: symmetric,
      attributes: [instance(attributes.comment, "for the group")],
      objectGroups: { objectGroup: [group] },
    },
  );
  t.equal(await value(await create(instance(attributes.objectGroup, group)), attributes.comment), "for the group");
  t.equal(await value(await create(), attributes.comment), "for all");
});

t.test("a key that is registered keeps the length it has, whatever the defaults say", async (t) => {
  await setDefaults({ objectTypes: symmetric, attributes: [length(256), instance(attributes.comment, "kept")] });
  const payload = registeredAesKey(Buffer.alloc(16, 7));
  const { uniqueIdentifier: id } = await act<{ uniqueIdentifier: string }>(
    Operation.Register,
    undefined,
    payload as object,
  );
  t.equal(await value(id, attributes.cryptographicLength), 128);
  t.equal(await value(id, attributes.comment), "kept");
  await act(Operation.SetDefaults, undefined);
  t.equal(await value(await create(), attributes.comment), undefined);
});

t.test("constraints hold for objects that are made, by type, group and value", async (t) => {
  const group = randomUUID();
  const mask = instance(attributes.cryptographicUsageMask, Encrypt | Decrypt);
  await setConstraints(
    { objectTypes: symmetric, attributes: [length(256), length(192), mask] },
    { objectGroups: { objectGroup: [group] }, attributes: [length(256)] },
  );
  const inGroup = instance(attributes.objectGroup, group);
  const tried: readonly [readonly AttributeInstance[], boolean][] = [
    [[length(256)], true],
    [[length(192)], true],
    [[length(128)], false],
    [[length(256), instance(attributes.cryptographicUsageMask, Encrypt)], true],
    [[length(256), instance(attributes.cryptographicUsageMask, Encrypt | WrapKey)], false],
    [[length(256), inGroup], true],
    [[length(192), inGroup], false],
  ];
  for (const [list, isAllowed] of tried) {
    const wanted = isAllowed ? undefined : ResultReason.ConstraintViolation;
    t.equal(await reasonOf(Operation.Create, aesKey(...list)), wanted);
  }
  t.equal(await reasonOf(Operation.Create, aesKey(length(128)), V2_0), ResultReason.PermissionDenied);
  t.equal(await reasonOf(Operation.Register, registeredAesKey(Buffer.alloc(16))), ResultReason.ConstraintViolation);
  await setConstraints();
  t.equal(await reasonOf(Operation.Create, aesKey(length(128))), undefined);
});

t.test("constraints hold for changes of what they name, and for nothing else of older objects", async (t) => {
  await setConstraints();
  const id = await create(length(128), instance(attributes.comment, "before"));
  const wanted = instance(attributes.comment, "after");
  await setConstraints({ objectTypes: symmetric, attributes: [length(256), wanted] });
  const set = (text: string) => ({ uniqueIdentifier: named(id), newAttribute: instance(attributes.comment, text) });
  t.equal(await reasonOf(Operation.SetAttribute, set("something else")), ResultReason.ConstraintViolation);
  t.equal(await reasonOf(Operation.SetAttribute, set("after")), undefined);
  await act(Operation.Activate, id);
  const told = await act<{ constraints: { constraint: readonly unknown[] } }>(Operation.GetConstraints, undefined);
  t.match(told.constraints.constraint, [{ objectTypes: symmetric, attributes: [length(256), wanted] }]);
  await setConstraints();
  t.same(await act(Operation.GetConstraints, undefined), { constraints: { constraint: [] } });
});

t.test("rules are set by administrators, for types and attributes there are", async (t) => {
  const constraints = { constraint: [] };
  for (const [operation, payload] of [
    [Operation.SetConstraints, { constraints }],
    [Operation.SetDefaults, {}],
  ] as const) {
    t.equal((await ask(other, V2_1, { operation, payload })).reason, ResultReason.PermissionDenied);
    t.equal(await reasonOf(operation, payload, V2_0), ResultReason.OperationNotSupported);
  }
  const template = { objectType: [ObjectType.Template] };
  const badType = { constraint: [{ objectTypes: template, attributes: [length(256)] }] };
  t.equal(await reasonOf(Operation.SetConstraints, { constraints: badType }), ResultReason.InvalidObjectType);
  const defaults = (row: object): unknown => ({ defaultsInformation: { objectDefaults: [row] } });
  t.equal(
    await reasonOf(Operation.SetDefaults, defaults({ objectTypes: template, attributes: [] })),
    ResultReason.InvalidObjectType,
  );
  t.equal(await reasonOf(Operation.SetDefaults, defaults({ attributes: [] })), ResultReason.InvalidField);
  const readOnly = [instance(attributes.state, 1)];
  t.equal(
    await reasonOf(Operation.SetDefaults, defaults({ objectTypes: symmetric, attributes: readOnly })),
    ResultReason.InvalidField,
  );
  const unknown = { constraint: [{ attributes: [{ name: "Vendor/Thing", value: undefined }] }] };
  t.equal(
    await reasonOf(Operation.SetConstraints, { constraints: { constraint: unknown.constraint.slice(1) } }),
    undefined,
  );
});

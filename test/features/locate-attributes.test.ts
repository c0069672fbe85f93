import { randomUUID } from "node:crypto";
import t from "tap";
import { type AttributeDefinition, type AttributeKey, attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CryptographicAlgorithm,
  KeyFormatType,
  ObjectGroupMember,
  ObjectType,
  Operation,
  ResultReason,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { inSpan, supportedVersions, V1_0, V1_2, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { ruleFor } from "#src/objects/attribute-rules.js";
import { sampleOf } from "#test/support/attribute-samples.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";
import { sideBySide } from "#test/support/side-by-side.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const latest = actionsOf(client, V2_1);

/** Attributes that make no key, or another one, when Create is given their sample. */
const notForCreate: ReadonlySet<string> = new Set([
  attributes.cryptographicAlgorithm.name,
  attributes.cryptographicLength.name,
  attributes.cryptographicUsageMask.name,
]);

const keys = Object.keys(attributes) as AttributeKey[];

for (const version of supportedVersions) {
  t.test(
    `an object is found by each attribute that clients set, and by no other value of it (${version})`,
    async (t) => {
      const settable = keys.filter((key) => {
        const { name, span } = attributes[key];
        const rule = ruleFor(name);
        const isSettable = rule?.settableByClient === true && rule.appliesTo === undefined;
        return isSettable && !notForCreate.has(name) && inSpan(span, version);
      });
      await sideBySide(server, settable, async (key, connection) => {
        const { create, locate, values } = actionsOf(connection, version);
        const definition: AttributeDefinition = attributes[key];
        const { name } = definition;
        const mark: AttributeInstance = { name: "x-mark", value: text(randomUUID()) };
        const id = await create({ name, value: unique(key, version) }, mark);
        const has = (await values(id, definition))[0];
        t.same(await locate({ name, value: has }, mark), [id], name);
        t.same(await locate({ name, value: other(has) }, mark), [], `another ${name}`);
      });
    },
  );
}

/** The sample, or for names one that no other object has. */
function unique(key: AttributeKey, version: number): unknown {
  return key === "name" ? { nameValue: `located ${version}`, nameType: 1 } : sampleOf(key);
}

/** A value of the same type that is another one. */
function other(value: unknown): unknown {
  if (typeof value === "string") return `${value} not`;
  if (typeof value === "number") return value + 1;
  if (typeof value === "bigint") return value + 1n;
  if (typeof value === "boolean") return !value;
  if (Buffer.isBuffer(value)) return Buffer.concat([value, value]);
  const [[field, inner] = [], ...rest] = Object.entries(value as object);
  return { ...Object.fromEntries(rest), [field ?? ""]: other(inner) };
}

function text(value: string): Item {
  return { tag: Tag.AttributeValue, type: ItemType.TextString, value };
}

const custom: readonly Item[] = [
  text("words"),
  { tag: Tag.AttributeValue, type: ItemType.Integer, value: 7 },
  { tag: Tag.AttributeValue, type: ItemType.LongInteger, value: 7n },
  { tag: Tag.AttributeValue, type: ItemType.BigInteger, value: 2n ** 70n },
  { tag: Tag.AttributeValue, type: ItemType.Enumeration, value: 7 },
  { tag: Tag.AttributeValue, type: ItemType.Boolean, value: true },
  { tag: Tag.AttributeValue, type: ItemType.ByteString, value: Buffer.from("bytes") },
  { tag: Tag.AttributeValue, type: ItemType.DateTime, value: 1_700_000_000n },
  { tag: Tag.AttributeValue, type: ItemType.Interval, value: 60 },
  { tag: Tag.AttributeValue, type: ItemType.Structure, value: [text("inner")] },
];

for (const version of [V1_0, V1_4, V2_1]) {
  t.test(`custom attributes of every type are kept, found, changed and deleted (${version})`, async (t) => {
    await sideBySide(server, custom, async (value, connection) => {
      const { act, create, values, locate } = actionsOf(connection, version);
      const name = `x-of-type-${version}-${value.type}`;
      const id = await create({ name, value });
      t.same(await values(id, { name } as AttributeDefinition), [value], name);
      t.same(await locate({ name, value }), [id]);
      t.same(await locate({ name, value: text("nobody's") }), []);
      const changed = text("changed");
      await act(Operation.AddAttribute, id, { newAttribute: { name, value: text("second") } });
      const current = version < V2_0 ? {} : { currentAttribute: { name, value } };
      await act(Operation.ModifyAttribute, id, { newAttribute: { name, value: changed }, ...current });
      t.same(await values(id, { name } as AttributeDefinition), [changed, text("second")]);
      const listed = await act<{ attributeNames: readonly string[] }>(Operation.GetAttributeList, id);
      t.equal(listed.attributeNames.filter((each) => each === name).length, 1);
      const which =
        version < V2_0
          ? { attributeName: name, attributeIndex: 1 }
          : { currentAttribute: { name, value: text("second") } };
      await act(Operation.DeleteAttribute, id, which);
      t.same(await values(id, { name } as AttributeDefinition), [changed]);
    });
  });
}

t.test("attributes of other vendors are known to 2.x only, and those of the server not set", async (t) => {
  const id = await latest.create({ name: "acme/Rack", value: text("7") });
  t.same(await latest.values(id, { name: "acme/Rack" } as AttributeDefinition), [text("7")]);
  t.same(await latest.locate({ name: "acme/Rack", value: text("7") }), [id]);
  const listed = await actionsOf(client, V1_4).act<{ attributeNames: readonly string[] }>(
    Operation.GetAttributeList,
    id,
  );
  t.notOk(listed.attributeNames.includes("acme/Rack"));
  const payload = {
    uniqueIdentifier: { kind: "identifier", identifier: id },
    newAttribute: { name: "y-server", value: text("x") },
  };
  t.equal(
    (await ask(client, V2_1, { operation: Operation.AddAttribute, payload })).reason,
    ResultReason.ReadOnlyAttribute,
  );
});

t.test("Application Data that is left out is made in the namespaces the server knows", async (t) => {
  const asking = (applicationNamespace: string): AttributeInstance =>
    instance(attributes.applicationSpecificInformation, { applicationNamespace });
  for (const version of [V1_0, V1_2, V2_1]) {
    const { create, value } = actionsOf(client, version);
    const id = await create(asking("ssl"));
    const made = await value(id, attributes.applicationSpecificInformation);
    t.match(made, { applicationNamespace: "ssl", applicationData: /^[0-9a-f-]{36}$/ });
    const payload = {
      objectType: ObjectType.SymmetricKey,
      attributes: requested(
        instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES),
        instance(attributes.cryptographicLength, 256),
        instance(attributes.cryptographicUsageMask, 12),
        asking("nobody's namespace"),
      ),
    };
    const refused = await ask(client, version, { operation: Operation.Create, payload });
    t.equal(refused.reason, ResultReason.ApplicationNamespaceNotSupported);
  }
});

t.test("members of a group come fresh and oldest first, and the default member alone", async (t) => {
  const group = instance(attributes.objectGroup, `group ${randomUUID()}`);
  const ids = [await latest.create(group), await latest.create(group), await latest.create(group)];
  const locate = async (objectGroupMember: number, maximumItems?: number): Promise<readonly string[]> =>
    (
      await latest.act<{ uniqueIdentifiers: readonly string[] }>(Operation.Locate, undefined, {
        attributes: [group],
        objectGroupMember,
        maximumItems,
      })
    ).uniqueIdentifiers;
  const { GroupMemberFresh: fresh, GroupMemberDefault: standard } = ObjectGroupMember;
  t.same(await locate(fresh), ids);
  t.same(await locate(standard), ids.slice(0, 1));
  await latest.act(Operation.Get, ids[0]);
  t.same(await locate(fresh), ids.slice(1));
  t.same(await locate(fresh, 1), ids.slice(1, 2));
  t.same(await locate(standard), ids.slice(1, 2));
  await latest.act(Operation.Get, ids[1]);
  await latest.act(Operation.Get, ids[2]);
  t.same(await locate(fresh), []);
  t.same(await locate(standard), ids.slice(0, 1));
});

t.test("the group named default always has a fresh member for clients that may create", async (t) => {
  const seek = (...more: readonly AttributeInstance[]): Promise<{ uniqueIdentifiers: readonly string[] }> =>
    latest.act(Operation.Locate, undefined, {
      attributes: [instance(attributes.objectGroup, "default"), ...more],
      objectGroupMember: ObjectGroupMember.GroupMemberFresh,
      maximumItems: 1,
    });
  const [first = ""] = (await seek()).uniqueIdentifiers;
  t.equal(await latest.value(first, attributes.fresh), true);
  t.same((await seek()).uniqueIdentifiers, [first]);
  await latest.act(Operation.Get, first);
  const [second = ""] = (await seek(instance(attributes.cryptographicLength, 128))).uniqueIdentifiers;
  t.not(second, first);
  t.equal(await latest.value(second, attributes.cryptographicLength), 128);
  t.same((await seek(nameOf("a name"))).uniqueIdentifiers, []);
});

t.test("the digest is that of the key as it came, and since 2.0 of its default format before that", async (t) => {
  const register = (version: number): Promise<{ uniqueIdentifier: string }> =>
    actionsOf(client, version).act(Operation.Register, undefined, {
      objectType: ObjectType.SymmetricKey,
      attributes: requested(instance(attributes.cryptographicUsageMask, 12)),
      symmetricKey: {
        keyBlock: {
          keyFormatType: KeyFormatType.TransparentSymmetricKey,
          keyValue: { keyMaterial: { key: Buffer.alloc(32, 1) } },
          cryptographicAlgorithm: CryptographicAlgorithm.AES,
          cryptographicLength: 256,
        },
      },
    });
  const formats = async (version: number): Promise<readonly unknown[]> => {
    const { uniqueIdentifier } = await register(version);
    return (await latest.values(uniqueIdentifier, attributes.digest)).map(({ keyFormatType }) => keyFormatType);
  };
  t.same(await formats(V1_2), [KeyFormatType.TransparentSymmetricKey]);
  t.same(await formats(V2_1), [KeyFormatType.Raw, KeyFormatType.TransparentSymmetricKey]);
});

t.test("objects of 1.x have the attributes of their type only", async (t) => {
  const oneX = actionsOf(client, V1_4);
  const { uniqueIdentifier: id } = await oneX.act<{ uniqueIdentifier: string }>(Operation.Register, undefined, {
    objectType: ObjectType.OpaqueObject,
    attributes: requested(),
    opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: Buffer.from("bytes") },
  });
  const listed = await oneX.act<{ attributeNames: readonly string[] }>(Operation.GetAttributeList, id);
  for (const { name } of [attributes.state, attributes.leaseTime, attributes.fresh]) {
    t.notOk(listed.attributeNames.includes(name), name);
  }
  const payload = { uniqueIdentifier: { kind: "identifier", identifier: id } };
  t.equal((await ask(client, V1_4, { operation: Operation.Activate, payload })).reason, ResultReason.IllegalOperation);
  await latest.activate(id);
});

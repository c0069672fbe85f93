import t from "tap";
import { type AttributeDefinition, type AttributeKey, attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { Operation, ResultReason, ResultStatus } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { inSpan, type ProtocolVersion, V1_4, V2_1 } from "#protocol/versions.js";
import { sampleOf } from "#test/support/attribute-samples.js";
import { actionsOf, instance, nameOf } from "#test/support/kmip-actions.js";
import { ask, named, type Requester, structureItem } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";
import { sideBySide } from "#test/support/side-by-side.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const latest = actionsOf(client, V2_1);

/**
 * The rules tables of KMIP 2.1 §4 for a symmetric key: who sets the attribute after the key is made (`client`, `server`;
 * `other` where it is for other object types), and whether clients modify it, delete it and give it more than once.
 */
const rules: Readonly<Partial<Record<AttributeKey, readonly ("modify" | "delete" | "many" | "server" | "other")[]>>> = {
  uniqueIdentifier: ["server"],
  shortUniqueIdentifier: ["server"],
  name: ["modify", "delete", "many"],
  alternativeName: ["modify", "delete", "many"],
  objectType: ["server"],
  cryptographicAlgorithm: ["server"],
  cryptographicLength: ["server"],
  cryptographicParameters: ["modify", "delete", "many"],
  cryptographicDomainParameters: ["other"],
  cryptographicUsageMask: [],
  certificateType: ["server"],
  certificateLength: ["server"],
  x509CertificateIdentifier: ["server"],
  x509CertificateSubject: ["server"],
  x509CertificateIssuer: ["server"],
  certificateSubjectCN: ["server", "many"],
  certificateIssuerDNQualifier: ["server", "many"],
  digitalSignatureAlgorithm: ["server", "many"],
  digest: ["server", "many"],
  leaseTime: ["server"],
  usageLimits: ["modify", "delete"],
  state: ["server"],
  initialDate: ["server"],
  activationDate: ["modify"],
  processStartDate: ["modify"],
  protectStopDate: ["modify"],
  deactivationDate: ["modify"],
  destroyDate: ["server"],
  compromiseOccurrenceDate: ["server"],
  compromiseDate: ["server"],
  revocationReason: ["server"],
  archiveDate: ["server"],
  objectGroup: ["modify", "delete", "many"],
  fresh: ["server"],
  link: ["modify", "delete", "many"],
  applicationSpecificInformation: ["modify", "delete", "many"],
  contactInformation: ["modify", "delete"],
  lastChangeDate: ["server"],
  keyValuePresent: ["server"],
  keyValueLocation: ["modify", "delete", "many"],
  originalCreationDate: [],
  randomNumberGenerator: [],
  pkcs12FriendlyName: ["modify", "delete"],
  description: ["modify", "delete"],
  comment: ["modify", "delete"],
  sensitive: ["modify"],
  alwaysSensitive: ["server"],
  extractable: ["modify"],
  neverExtractable: ["server"],
  keyFormatType: ["server"],
  nistKeyType: ["many"],
  opaqueDataType: ["server"],
  protectionLevel: ["modify", "delete"],
  protectionPeriod: ["modify", "delete"],
  protectionStorageMask: ["server"],
  quantumSafe: ["modify", "delete"],
  rotateAutomatic: [],
  rotateDate: ["server"],
  rotateGeneration: ["server"],
  rotateInterval: [],
  rotateLatest: ["server"],
  rotateName: ["modify", "delete"],
  rotateOffset: [],
};

interface Outcome {
  readonly reason: number | undefined;
  readonly succeeded: boolean;
}

type Change = (version: ProtocolVersion, operation: number, id: string, more: object) => Promise<Outcome>;

function changeOver(connection: Requester): Change {
  return async (version, operation, id, more) => {
    const payload = { uniqueIdentifier: named(id), ...more };
    const { reason, status } = await ask(connection, version, { operation, payload });
    return { reason, succeeded: status === ResultStatus.Success };
  };
}

const change = changeOver(client);

const ok: Outcome = { reason: undefined, succeeded: true };
const failed = (reason: number): Outcome => ({ reason, succeeded: false });

/** What Add, Modify and Delete answer where a rule forbids them, in the words of the two families of versions. */
const words = {
  [V2_1]: {
    readOnlyToAdd: ResultReason.ReadOnlyAttribute,
    otherTypes: ResultReason.InvalidAttribute,
    onceOnly: ResultReason.AttributeSingleValued,
    name: ResultReason.NonUniqueNameAttribute,
    readOnly: ResultReason.AttributeReadOnly,
  },
  [V1_4]: {
    readOnlyToAdd: ResultReason.PermissionDenied,
    otherTypes: ResultReason.PermissionDenied,
    onceOnly: ResultReason.IllegalOperation,
    name: ResultReason.IllegalOperation,
    readOnly: ResultReason.PermissionDenied,
  },
} as const;

const ruled = Object.entries(rules) as [AttributeKey, readonly string[]][];

for (const version of [V1_4, V2_1] as const) {
  const told = words[version];
  t.test(`the rules of each attribute hold for Add, Modify and Delete (${version})`, async (t) => {
    const known = ruled.filter(([key]) => inSpan(attributes[key].span, version));
    await sideBySide(server, known, async ([key, rule], connection) => {
      const definition: AttributeDefinition = attributes[key];
      const { name } = definition;
      const newAttribute: AttributeInstance = { name, value: sampleOf(key) };
      const { create, values } = actionsOf(connection, V2_1);
      const id = await create();
      const has = (await values(id, definition)).length > 0;
      const over = changeOver(connection);
      const act = (operation: number, more: object): Promise<Outcome> => over(version, operation, id, more);
      const added = await act(Operation.AddAttribute, { newAttribute });
      if (rule.includes("server")) t.match(added, failed(told.readOnlyToAdd), `${name} is not added`);
      else if (rule.includes("other")) t.match(added, failed(told.otherTypes), `${name} is of other objects`);
      else t.match(added, has ? failed(told.onceOnly) : ok, `${name} is added where there is none`);
      if (!added.succeeded && !has) return;
      const again = await act(Operation.AddAttribute, { newAttribute });
      const second = rule.includes("server") ? told.readOnlyToAdd : key === "name" ? told.name : told.onceOnly;
      const isMany = rule.includes("many") && key !== "name" && added.succeeded;
      t.match(again, isMany ? ok : failed(second), `a second ${name}`);
      const current = version === V2_1 && rule.includes("many") ? { currentAttribute: newAttribute } : {};
      const modified = await act(Operation.ModifyAttribute, { newAttribute, ...current });
      t.match(modified, rule.includes("modify") ? ok : failed(told.readOnly), `${name} is modified`);
      const deleted = await act(Operation.DeleteAttribute, { attributeName: name });
      t.match(deleted, rule.includes("delete") ? ok : failed(told.readOnly), `${name} is deleted`);
    });
  });
}

t.test("Set Attribute follows the same rules", async (t) => {
  await sideBySide(server, ruled, async ([key, rule], connection) => {
    const definition: AttributeDefinition = attributes[key];
    const { name } = definition;
    const { create, values } = actionsOf(connection, V2_1);
    const id = await create();
    const has = (await values(id, definition)).length > 0;
    const newAttribute = { name, value: sampleOf(key) };
    const set = () => changeOver(connection)(V2_1, Operation.SetAttribute, id, { newAttribute });
    const refusal = rule.includes("server")
      ? ResultReason.ReadOnlyAttribute
      : rule.includes("other")
        ? ResultReason.InvalidAttribute
        : has && !rule.includes("modify")
          ? ResultReason.AttributeReadOnly
          : undefined;
    t.match(await set(), refusal === undefined ? ok : failed(refusal), name);
    if (refusal !== undefined) return;
    t.match(await set(), rule.includes("modify") ? ok : failed(ResultReason.AttributeReadOnly), `${name} again`);
  });
});

t.test("what is not there is neither modified nor deleted, and the words of each version say so", async (t) => {
  const id = await latest.create();
  const newAttribute = instance(attributes.comment, "none yet");
  const modify = (version: ProtocolVersion): Promise<Outcome> =>
    change(version, Operation.ModifyAttribute, id, { newAttribute });
  t.match(await modify(V2_1), failed(ResultReason.AttributeNotFound));
  t.match(await modify(V1_4), failed(ResultReason.InvalidField));
  const attributeName = attributes.comment.name;
  const remove = (version: ProtocolVersion): Promise<Outcome> =>
    change(version, Operation.DeleteAttribute, id, { attributeName });
  t.match(await remove(V2_1), failed(ResultReason.AttributeNotFound));
  t.match(await remove(V1_4), failed(ResultReason.ItemNotFound));
  await latest.act(Operation.AddAttribute, id, { newAttribute: instance(attributes.objectGroup, "one") });
  await latest.act(Operation.AddAttribute, id, { newAttribute: instance(attributes.objectGroup, "two") });
  const group = instance(attributes.objectGroup, "three");
  t.match(
    await change(V2_1, Operation.ModifyAttribute, id, { newAttribute: group, currentAttribute: group }),
    failed(ResultReason.AttributeInstanceNotFound),
  );
  t.match(
    await change(V2_1, Operation.ModifyAttribute, id, { newAttribute: group }),
    failed(ResultReason.MultiValuedAttribute),
  );
  t.match(
    await change(V2_1, Operation.SetAttribute, id, { newAttribute: group }),
    failed(ResultReason.MultiValuedAttribute),
  );
  t.match(
    await change(V1_4, Operation.ModifyAttribute, id, { newAttribute: { ...group, index: 7 } }),
    failed(ResultReason.ItemNotFound),
  );
  t.match(await change(V1_4, Operation.ModifyAttribute, id, { newAttribute: { ...group, index: 1 } }), ok);
  t.same(await latest.values(id, attributes.objectGroup), ["one", "three"]);
  const mixed = { newAttribute: group, currentAttribute: instance(attributes.comment, "x") };
  t.match(await change(V2_1, Operation.ModifyAttribute, id, mixed), failed(ResultReason.InvalidField));
});

t.test("dates are held by the states they belong to", async (t) => {
  const id = await latest.create();
  await latest.activate(id);
  const later = instance(attributes.activationDate, 4_000_000_000);
  t.match(
    await change(V2_1, Operation.ModifyAttribute, id, { newAttribute: later }),
    failed(ResultReason.WrongKeyLifecycleState),
  );
  await latest.act(Operation.AddAttribute, id, { newAttribute: instance(attributes.deactivationDate, 4_000_000_000) });
  await latest.revoke(id);
  t.match(
    await change(V2_1, Operation.ModifyAttribute, id, {
      newAttribute: instance(attributes.deactivationDate, 4_000_000_001),
    }),
    failed(ResultReason.WrongKeyLifecycleState),
  );
});

t.test("Add Attribute of 1.x takes no index but 0, and no name that nobody explains", async (t) => {
  const id = await latest.create();
  const group = instance(attributes.objectGroup, "indexed");
  const add = (newAttribute: AttributeInstance): Promise<Outcome> =>
    change(V1_4, Operation.AddAttribute, id, { newAttribute });
  t.match(await add({ ...group, index: 0 }), ok);
  t.match(await add({ ...group, index: 1 }), failed(ResultReason.InvalidField));
  const text = (tag: number, value: string): Item => ({ tag, type: ItemType.TextString, value });
  const unknown = structureItem(
    Tag.RequestPayload,
    text(Tag.UniqueIdentifier, id),
    structureItem(Tag.Attribute, text(Tag.AttributeName, "Colour"), text(Tag.AttributeValue, "red")),
  );
  t.equal(
    (await ask(client, V1_4, { operation: Operation.AddAttribute, payload: unknown })).reason,
    ResultReason.PermissionDenied,
  );
});

t.test("a name that another object has is told so to clients of 2.1", async (t) => {
  await latest.create(nameOf("one of a kind"));
  const id = await latest.create();
  t.match(
    await change(V2_1, Operation.AddAttribute, id, { newAttribute: nameOf("one of a kind") }),
    failed(ResultReason.NonUniqueNameAttribute),
  );
});

t.test("rotation by clients is counted", async (t) => {
  const id = await latest.create(
    instance(attributes.rotateInterval, 86_400),
    instance(attributes.rotateName, { rotateNameValue: "set", rotateNameType: 1 }),
  );
  const { uniqueIdentifier: next } = await latest.act<{ uniqueIdentifier: string }>(Operation.ReKey, id);
  const { uniqueIdentifier: last } = await latest.act<{ uniqueIdentifier: string }>(Operation.ReKey, next);
  t.same(await Promise.all([next, last].map((each) => latest.value(each, attributes.rotateGeneration))), [1, 2]);
  t.same(await Promise.all([id, next, last].map((each) => latest.value(each, attributes.rotateLatest))), [
    false,
    false,
    true,
  ]);
  t.ok(await latest.value(next, attributes.rotateDate));
  t.equal(await latest.value(last, attributes.rotateDate), undefined);
  t.equal(await latest.value(last, attributes.rotateInterval), 86_400);
  t.match(await latest.value(last, attributes.rotateName), { rotateNameValue: "set" });
});

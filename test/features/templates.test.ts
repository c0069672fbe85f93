import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CryptographicAlgorithm,
  NameType,
  ObjectType,
  Operation,
  ResultReason,
  RevocationReasonCode,
} from "#protocol/enums/index.js";
import type { Name } from "#protocol/structures/attribute-values.js";
import { V1_0, V1_2, V1_4, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { act, value, values, locate, destroy } = actionsOf(client, V1_2);

const nameValue = (nameValue: string): Name => ({ nameValue, nameType: NameType.UninterpretedTextString });
const length = (bits: number): AttributeInstance => instance(attributes.cryptographicLength, bits);
const algorithm = instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES);
const mask = (bits: number): AttributeInstance => instance(attributes.cryptographicUsageMask, bits);
const group = (name: string): AttributeInstance => instance(attributes.objectGroup, name);

async function register(name: string, content: readonly AttributeInstance[]): Promise<string> {
  const payload = {
    objectType: ObjectType.Template,
    attributes: requested(nameOf(name), instance(attributes.contactInformation, "the owner of the template")),
    template: { attributes: content },
  };
  return (await act<{ uniqueIdentifier: string }>(Operation.Register, undefined, payload)).uniqueIdentifier;
}

async function create(templates: readonly string[], ...explicit: readonly AttributeInstance[]): Promise<string> {
  const payload = {
    objectType: ObjectType.SymmetricKey,
    attributes: { attributes: explicit, templates: templates.map(nameValue) },
  };
  return (await act<{ uniqueIdentifier: string }>(Operation.Create, undefined, payload)).uniqueIdentifier;
}

async function reason(operation: number, payload: object, version: number = V1_2): Promise<number | undefined> {
  return (await ask(client, version, { operation, payload })).reason;
}

for (const version of [V1_0, V1_4]) {
  t.test(`a template is given back with the attributes it was registered with (${version})`, async (t) => {
    const id = await register(`kept ${version}`, [algorithm, length(192), group("one"), group("two")]);
    const got = await actionsOf(client, version).act<{ template: { attributes: readonly AttributeInstance[] } }>(
      Operation.Get,
      id,
    );
    t.match(got.template.attributes, [
      { name: "Cryptographic Algorithm", value: CryptographicAlgorithm.AES },
      { name: "Cryptographic Length", value: 192 },
      { name: "Object Group", value: "one" },
      { name: "Object Group", value: "two" },
    ]);
    t.equal(got.template.attributes.length, 4);
    t.equal(await value(id, attributes.cryptographicLength), 192);
    t.equal(await value(id, attributes.state), undefined, "templates have no state");
    t.same(await locate(nameOf(`kept ${version}`), instance(attributes.objectType, ObjectType.Template)), [id]);
    await destroy(id);
  });
}

t.test("a key takes its attributes from templates, the last of them and the request itself winning", async (t) => {
  await register("first", [algorithm, length(128), mask(4), group("one")]);
  await register("second", [length(192), group("two"), group("shared")]);
  const id = await create(["first", "second"], group("three"), group("shared"));
  t.equal(await value(id, attributes.cryptographicLength), 192, "the last template wins");
  t.equal(await value(id, attributes.cryptographicUsageMask), 4);
  t.same([...(await values(id, attributes.objectGroup))].sort(), ["one", "shared", "three", "two"]);
  t.equal(await value(id, attributes.contactInformation), undefined, "the template's own attributes stay its own");
  t.same(await values(id, attributes.name), []);
  const other = await create(["first", "second"], length(256));
  t.equal(await value(other, attributes.cryptographicLength), 256, "the request wins");
});

t.test("a key pair prefers its halves' templates to common attributes", async (t) => {
  await register("private half", [mask(1), instance(attributes.description, "half")]);
  const made = await act<{ privateKeyUniqueIdentifier: string; publicKeyUniqueIdentifier: string }>(
    Operation.CreateKeyPair,
    undefined,
    {
      commonAttributes: requested(
        instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.EC),
        length(256),
        mask(2),
      ),
      privateKeyAttributes: { attributes: [], templates: [nameValue("private half")] },
      publicKeyAttributes: requested(),
    },
  );
  t.equal(await value(made.privateKeyUniqueIdentifier, attributes.cryptographicUsageMask), 1);
  t.equal(await value(made.publicKeyUniqueIdentifier, attributes.cryptographicUsageMask), 2);
});

t.test("what is added to a template and changed in it reaches the keys made later", async (t) => {
  const id = await register("grown", [algorithm, length(256), mask(4)]);
  await act(Operation.AddAttribute, id, { newAttribute: group("later") });
  const key = await create(["grown"]);
  t.equal(await value(key, attributes.objectGroup), "later");
  await act(Operation.ModifyAttribute, id, { newAttribute: group("latest") });
  t.equal(await value(await create(["grown"]), attributes.objectGroup), "latest");
  await act(Operation.DeleteAttribute, id, { attributeName: "Object Group" });
  t.equal(await value(await create(["grown"]), attributes.objectGroup), undefined);
});

t.test("templates that are not there, not templates any more, or named within are refused", async (t) => {
  const naming = (template: string): object => ({
    objectType: ObjectType.SymmetricKey,
    attributes: { attributes: [algorithm, length(256), mask(4)], templates: [nameValue(template)] },
  });
  t.equal(await reason(Operation.Create, naming("nobody made it")), ResultReason.ItemNotFound);
  const id = await register("gone", [algorithm]);
  await destroy(id);
  t.equal(await reason(Operation.Create, naming("gone")), ResultReason.ItemNotFound);
  await act(Operation.Create, undefined, {
    objectType: ObjectType.SymmetricKey,
    attributes: requested(algorithm, length(256), mask(4), nameOf("a key")),
  });
  t.equal(await reason(Operation.Create, naming("a key")), ResultReason.ItemNotFound);
  const nested = {
    objectType: ObjectType.Template,
    attributes: requested(nameOf("outer")),
    template: { attributes: [nameOf("inner")] },
  };
  t.equal(await reason(Operation.Register, nested), ResultReason.InvalidField);
});

t.test("a template is neither activated nor revoked nor wrapped", async (t) => {
  const id = await register("stateless", [algorithm]);
  t.equal(await reason(Operation.Activate, { uniqueIdentifier: named(id) }), ResultReason.IllegalOperation);
  const revocationReason = { revocationReasonCode: RevocationReasonCode.KeyCompromise };
  t.equal(
    await reason(Operation.Revoke, { uniqueIdentifier: named(id), revocationReason }),
    ResultReason.IllegalOperation,
  );
});

t.test("versions without templates do not see them", async (t) => {
  const id = await register("unseen", [algorithm]);
  t.equal(await reason(Operation.Get, { uniqueIdentifier: named(id) }, V2_1), ResultReason.ObjectNotFound);
  t.equal(await reason(Operation.GetAttributes, { uniqueIdentifier: named(id) }, V2_1), ResultReason.ObjectNotFound);
  t.same(await actionsOf(client, V2_1).locate(nameOf("unseen")), []);
  t.same(await locate(nameOf("unseen")), [id]);
});

import { randomBytes } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { jsonEncoding, ttlvEncoding, xmlEncoding } from "#protocol/encodings/message-encoding.js";
import {
  CryptographicAlgorithm,
  HashingAlgorithm,
  KeyFormatType,
  KeyWrapType,
  ObjectType,
  Operation,
  ResultReason,
  RevocationReasonCode,
  SecretDataType,
  SplitKeyMethod,
  State,
  WrappingMethod,
} from "#protocol/enums/index.js";
import { V1_3, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { KmipHttpClient } from "#test/support/http-client.js";
import { actionsOf, instance, nameOf, registeredAesKey, requested } from "#test/support/kmip-actions.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const latest = actionsOf(client, V2_1);

type Exported = { attributes: readonly AttributeInstance[] } & Readonly<Record<string, unknown>>;

async function reason(operation: number, payload: object, version: number = V2_1): Promise<number | undefined> {
  return (await ask(client, version, { operation, payload })).reason;
}

const aes = { cryptographicAlgorithm: CryptographicAlgorithm.AES, cryptographicLength: 128 };

function symmetric(keyMaterial: Buffer): object {
  return { symmetricKey: { keyBlock: { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial }, ...aes } } };
}

function importing(id: string, list: readonly AttributeInstance[] = [], more: object = {}): object {
  return {
    uniqueIdentifier: id,
    objectType: ObjectType.SymmetricKey,
    attributes: list,
    ...symmetric(Buffer.alloc(16, 7)),
    ...more,
  };
}

for (const version of [V1_4, V2_0, V2_1]) {
  const { act, destroy } = actionsOf(client, version);
  t.test(`what was exported and destroyed is imported with everything it had (${version})`, async (t) => {
    const { uniqueIdentifier: id } = await act<{ uniqueIdentifier: string }>(
      Operation.Register,
      undefined,
      registeredAesKey(
        randomBytes(32),
        nameOf(`exported ${version}`),
        instance(attributes.activationDate, 1000),
      ) as object,
    );
    await act(Operation.AddAttribute, id, { newAttribute: instance(attributes.comment, "kept") });
    await act(Operation.Revoke, id, { revocationReason: { revocationReasonCode: RevocationReasonCode.KeyCompromise } });
    const exported = await act<Exported>(Operation.Export, id);
    await destroy(id);
    const { objectType, symmetricKey, attributes: list } = exported;
    const payload = { ...(version < V2_0 ? {} : { objectType }), symmetricKey, attributes: list };
    t.equal(
      await reason(Operation.Import, { uniqueIdentifier: id, ...payload }, version),
      ResultReason.ObjectAlreadyExists,
      "also where the object is destroyed",
    );
    await act(Operation.Import, undefined, { uniqueIdentifier: id, ...payload, replaceExisting: true });
    const again = await act<Exported>(Operation.Export, id);
    t.same(again, exported);
    t.equal(await actionsOf(client, version).value(id, attributes.state), State.Compromised);
  });
}

t.test("objects of all types are exported, and imported under a new identifier", async (t) => {
  const mask = instance(attributes.cryptographicUsageMask, 12);
  const block = { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial: randomBytes(16) }, ...aes };
  const secret = { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial: Buffer.from("swordfish") } };
  const facts = { splitKeyParts: 3, keyPartIdentifier: 1, splitKeyThreshold: 2, splitKeyMethod: SplitKeyMethod.XOR };
  const rows: readonly (readonly [number, object])[] = [
    [ObjectType.SplitKey, { splitKey: { ...facts, keyBlock: block } }],
    [ObjectType.SecretData, { secretData: { secretDataType: SecretDataType.Password, keyBlock: secret } }],
    [ObjectType.OpaqueObject, { opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: randomBytes(9) } }],
    [ObjectType.PGPKey, { pgpKey: { pgpKeyVersion: 4, keyBlock: block } }],
    [
      ObjectType.CertificateRequest,
      { certificateRequest: { certificateRequestType: 2, certificateRequestValue: randomBytes(9) } },
    ],
  ];
  for (const [objectType, fields] of rows) {
    const registering = { objectType, attributes: requested(mask), ...fields };
    const { uniqueIdentifier } = await latest.act<{ uniqueIdentifier: string }>(
      Operation.Register,
      undefined,
      registering,
    );
    const exported = await latest.act<Exported>(Operation.Export, uniqueIdentifier);
    t.match(exported, fields);
    const renamed = exported.attributes.filter(({ name }) => name !== attributes.uniqueIdentifier.name);
    const id = `imported ${objectType}`;
    await latest.act(Operation.Import, undefined, { uniqueIdentifier: id, objectType, attributes: renamed, ...fields });
    t.match(await latest.act(Operation.Get, id), { uniqueIdentifier: id, objectType, ...fields });
    t.equal(await latest.value(id, attributes.uniqueIdentifier), id);
  }
});

t.test("an imported key is used like any other", async (t) => {
  const list = [instance(attributes.state, State.Active), instance(attributes.cryptographicUsageMask, 12)];
  await latest.act(Operation.Import, undefined, importing("usable", list));
  const told = await latest.act<{ data: Buffer }>(Operation.Encrypt, "usable", {
    data: Buffer.alloc(16),
    cryptographicParameters: { blockCipherMode: 2, paddingMethod: 1 },
  });
  t.equal(told.data.length, 16);
});

t.test(
  "values that only the server sets otherwise are taken as supplied, and the others as of a new object",
  async (t) => {
    const digest = { hashingAlgorithm: HashingAlgorithm.SHA_256, digestValue: Buffer.alloc(32), keyFormatType: 1 };
    const list = [
      instance(attributes.initialDate, 12345),
      instance(attributes.lastChangeDate, 12346),
      instance(attributes.alwaysSensitive, true),
      instance(attributes.rotateGeneration, 9),
      instance(attributes.digest, digest),
      { name: "y-origin", value: { tag: 0x42000b, type: 7, value: "elsewhere" } },
    ];
    await latest.act(Operation.Import, undefined, importing("supplied", list));
    t.equal(await latest.value("supplied", attributes.initialDate), 12345);
    t.equal(await latest.value("supplied", attributes.lastChangeDate), 12346);
    t.equal(await latest.value("supplied", attributes.alwaysSensitive), true);
    t.equal(await latest.value("supplied", attributes.rotateGeneration), 9);
    t.match(await latest.values("supplied", attributes.digest), [digest]);
    t.equal(await latest.value("supplied", attributes.state), State.PreActive);
    t.equal(await latest.value("supplied", attributes.cryptographicLength), 128);
  },
);

t.test("a destroyed object is exported without its material, and imported so", async (t) => {
  const id = await latest.create(nameOf("destroyed and exported"));
  await latest.destroy(id);
  const exported = await latest.act<Exported>(Operation.Export, id);
  t.match(exported, { symmetricKey: { keyBlock: { keyValue: undefined, cryptographicLength: 256 } } });
  const { objectType, symmetricKey, attributes: list } = exported;
  const payload = { uniqueIdentifier: id, replaceExisting: true, objectType, symmetricKey, attributes: list };
  await latest.act(Operation.Import, undefined, payload);
  t.equal(await latest.value(id, attributes.state), State.Destroyed);
  t.equal(await reason(Operation.Get, { uniqueIdentifier: named(id) }), ResultReason.ObjectDestroyed);
});

t.test("a replaced object is gone with its names, key and attributes", async (t) => {
  const old = instance(attributes.comment, "old");
  await latest.act(Operation.Import, undefined, importing("replaced", [nameOf("old name"), old]));
  const value = symmetric(Buffer.alloc(16, 9));
  const payload = { ...importing("replaced", [nameOf("new name")]), ...value, replaceExisting: true };
  await latest.act(Operation.Import, undefined, payload);
  t.match(await latest.act(Operation.Get, "replaced"), value);
  t.equal(await latest.value("replaced", attributes.comment), undefined);
  t.same(await latest.locate(nameOf("old name")), []);
  t.same(await latest.locate(nameOf("new name")), ["replaced"]);
});

t.test("an object is found by whatever identifier it came with, in every encoding", async (t) => {
  const id = "ключ-é-🔑";
  const name = nameOf("with an identifier of many letters");
  await latest.act(Operation.Import, undefined, importing(id, [name]));
  t.strictSame(await latest.locate(name), [id]);
  const identity = readIdentity(clientFolder(server.home));
  for (const encoding of [ttlvEncoding, xmlEncoding, jsonEncoding]) {
    const overHttps = new KmipHttpClient(server.httpsPort, identity, encoding);
    t.strictSame(await actionsOf(overHttps, V2_1).locate(name), [id], encoding.name);
    await overHttps.close();
  }
});

t.test("Import tells what is wrong with what it is given", async (t) => {
  const refused = (payload: object): Promise<number | undefined> => reason(Operation.Import, payload);
  await latest.act(Operation.Import, undefined, importing("taken", [nameOf("taken name")]));
  t.equal(await refused(importing("taken")), ResultReason.ObjectAlreadyExists);
  t.equal(await refused(importing("other", [nameOf("taken name")])), ResultReason.NonUniqueNameAttribute);
  const twice = [instance(attributes.state, State.Active), instance(attributes.state, State.Active)];
  t.equal(await refused(importing("twice", twice)), ResultReason.AttributeSingleValued);
  t.equal(await refused(importing("a", [instance(attributes.uniqueIdentifier, "b")])), ResultReason.AttributeReadOnly);
  t.equal(
    await refused(importing("c", [instance(attributes.opaqueDataType, 0x80000001)])),
    ResultReason.InvalidAttribute,
  );
  t.equal(await refused(importing("d", [], { objectType: ObjectType.SecretData })), ResultReason.InvalidField);
  t.equal(await refused(importing("")), ResultReason.InvalidField);
  t.equal(await refused(importing("i".repeat(200))), ResultReason.InvalidField);
  t.equal(await refused({ uniqueIdentifier: "e", attributes: [] }), ResultReason.InvalidField);
});

t.test("a key that comes wrapped is kept so, and unwrapped only where its wrapping key is here", async (t) => {
  const keyWrappingData = {
    wrappingMethod: WrappingMethod.Encrypt,
    encryptionKeyInformation: { uniqueIdentifier: "a key elsewhere" },
  };
  const symmetricKey = {
    keyBlock: { keyFormatType: KeyFormatType.Raw, keyValue: randomBytes(24), ...aes, keyWrappingData },
  };
  const payload = { ...importing("wrapped"), symmetricKey };
  t.equal(
    await reason(Operation.Import, { ...payload, keyWrapType: KeyWrapType.NotWrapped }),
    ResultReason.WrappingObjectNotFound,
  );
  await latest.act(Operation.Import, undefined, { ...payload, keyWrapType: KeyWrapType.AsRegistered });
  t.match(await latest.act(Operation.Export, "wrapped"), { symmetricKey });
});

t.test("Export tells what keeps the object here", async (t) => {
  const exported = (id: string, more: object = {}): Promise<number | undefined> =>
    reason(Operation.Export, { uniqueIdentifier: named(id), ...more });
  t.equal(await exported("nothing"), ResultReason.ObjectNotFound);
  const sensitive = await latest.create(instance(attributes.sensitive, true));
  t.equal(await exported(sensitive), ResultReason.Sensitive);
  const stays = await latest.create(instance(attributes.extractable, false));
  t.equal(await exported(stays), ResultReason.NotExtractable);
  const plain = await latest.create();
  t.equal(await exported(plain, { keyFormatType: KeyFormatType.PKCS_8 }), ResultReason.KeyFormatTypeNotSupported);
});

t.test("versions before 1.4 have neither Import nor Export", async (t) => {
  const id = await latest.create();
  t.equal(await reason(Operation.Export, { uniqueIdentifier: named(id) }, V1_3), ResultReason.OperationNotSupported);
});

import { createHash, generateKeyPairSync } from "node:crypto";
import t from "tap";
import { type AttributeDefinition, attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CryptographicAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  ResultReason,
  SecretDataType,
  SplitKeyMethod,
} from "#protocol/enums/index.js";
import type { SplitKey } from "#protocol/structures/managed-objects.js";
import { type ProtocolVersion, V1_2, V1_4, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, nameOf, registeredAesKey, requested } from "#test/support/kmip-actions.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const secret = Buffer.from("00112233445566778899aabbccddeeff", "hex");
const mersenne = 2n ** 521n - 1n;

type Made = { uniqueIdentifier: string };

const methods = [
  { splitKeyMethod: SplitKeyMethod.XOR, splitKeyThreshold: 4 },
  { splitKeyMethod: SplitKeyMethod.PolynomialSharingGF2_8, splitKeyThreshold: 3 },
  { splitKeyMethod: SplitKeyMethod.PolynomialSharingGF2_16, splitKeyThreshold: 3 },
  { splitKeyMethod: SplitKeyMethod.PolynomialSharingPrimeField, splitKeyThreshold: 3, primeFieldSize: mersenne },
];

function splitting(id: string | undefined, more: object = {}, ...list: readonly AttributeInstance[]): object {
  return {
    objectType: ObjectType.SplitKey,
    uniqueIdentifier: id === undefined ? undefined : named(id),
    splitKeyParts: 4,
    splitKeyThreshold: 3,
    splitKeyMethod: SplitKeyMethod.PolynomialSharingGF2_8,
    attributes: requested(...list),
    ...more,
  };
}

function joining(parts: readonly string[], objectType: number, ...list: readonly AttributeInstance[]): object {
  return { objectType, uniqueIdentifiers: parts.map(named), attributes: requested(...list) };
}

/** What the tests do, in one version. */
function inVersion(version: ProtocolVersion) {
  const { act, value } = actionsOf(client, version);
  return {
    value: <T>(id: string, definition: AttributeDefinition<T>) => value(id, definition),
    register: async (payload: unknown) =>
      (await act<Made>(Operation.Register, undefined, payload as object)).uniqueIdentifier,
    split: async (payload: object) =>
      (await act<{ uniqueIdentifiers: string[] }>(Operation.CreateSplitKey, undefined, payload)).uniqueIdentifiers,
    join: async (payload: object) => (await act<Made>(Operation.JoinSplitKey, undefined, payload)).uniqueIdentifier,
    material: async (id: string, more: object = {}) => {
      const got = await act<Record<string, SplitKey>>(Operation.Get, id, more);
      const object = got["symmetricKey"] ?? got["privateKey"] ?? got["secretData"] ?? got["splitKey"];
      const keyValue = object?.keyBlock.keyValue;
      if (object === undefined || keyValue === undefined || Buffer.isBuffer(keyValue)) throw new RangeError("no key");
      if (!Buffer.isBuffer(keyValue.keyMaterial)) throw new RangeError("no bytes");
      return { object, bytes: keyValue.keyMaterial };
    },
  };
}

async function refused(operation: number, payload: object, version: ProtocolVersion = V2_1) {
  return (await ask(client, version, { operation, payload })).reason;
}

for (const version of [V1_2, V2_1]) {
  t.test(`a key is split and joined again by every method in ${version}`, async (t) => {
    const { register, split, join, material } = inVersion(version);
    for (const method of methods) {
      const id = await register(registeredAesKey(secret));
      const parts = await split(splitting(id, method));
      t.equal(parts.length, 4);
      const { object, bytes } = await material(parts[1] ?? "");
      t.match(object, { splitKeyParts: 4, keyPartIdentifier: 2, ...method });
      t.match(object.keyBlock, { cryptographicAlgorithm: CryptographicAlgorithm.AES, cryptographicLength: 128 });
      t.notSame(bytes, secret);
      const joined = await join(joining(parts.slice(4 - method.splitKeyThreshold).reverse(), ObjectType.SymmetricKey));
      t.same((await material(joined)).bytes, secret);
      const few = joining(parts.slice(0, method.splitKeyThreshold - 1), ObjectType.SymmetricKey);
      t.equal(await refused(Operation.JoinSplitKey, few, version), ResultReason.CryptographicFailure);
    }
  });
}

t.test("a new key is split before anybody has it whole", async (t) => {
  const { split, join, material, value } = inVersion(V2_1);
  const list = [
    instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES),
    instance(attributes.cryptographicLength, 256),
  ];
  const parts = await split(splitting(undefined, {}, ...list));
  const joined = await join(joining(parts, ObjectType.SymmetricKey));
  t.equal((await material(joined)).bytes.length, 32);
  t.ok(await value(parts[0] ?? "", attributes.randomNumberGenerator));
  const digest = createHash("sha256")
    .update((await material(parts[0] ?? "")).bytes)
    .digest();
  t.same((await value(parts[0] ?? "", attributes.digest))?.digestValue, digest);
});

t.test("private keys and secret data of any length come back as they were", async (t) => {
  const { register, split, join, material } = inVersion(V2_1);
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pkcs8 = pair.privateKey.export({ type: "pkcs8", format: "der" });
  const block = { keyFormatType: KeyFormatType.PKCS_8, keyValue: { keyMaterial: pkcs8 } };
  const privateKey = await register({
    objectType: ObjectType.PrivateKey,
    attributes: requested(),
    privateKey: { keyBlock: block },
  });
  const password = Buffer.from("\0an odd password");
  const secretData = {
    secretDataType: SecretDataType.Password,
    keyBlock: { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial: password } },
  };
  const passwordId = await register({ objectType: ObjectType.SecretData, attributes: requested(), secretData });
  for (const method of methods.slice(1)) {
    const large = method.primeFieldSize === undefined ? {} : { primeFieldSize: 2n ** 2203n - 1n };
    const parts = await split(splitting(privateKey, { ...method, ...large }));
    const joined = await join(joining(parts, ObjectType.PrivateKey));
    t.same((await material(joined, { keyFormatType: KeyFormatType.PKCS_8 })).bytes, pkcs8);
    const passwordParts = await split(splitting(passwordId, method));
    t.same((await material(await join(joining(passwordParts, ObjectType.SecretData)))).bytes, password);
  }
});

t.test("an altered part, a part of another key and a part named twice are noticed", async (t) => {
  const { register, split } = inVersion(V2_1);
  const [one, other] = [
    await split(splitting(await register(registeredAesKey(secret)))),
    await split(splitting(await register(registeredAesKey(secret)))),
  ];
  const mixed = [...one.slice(0, 3), other[3] ?? ""];
  const xor = await split(splitting(await register(registeredAesKey(secret)), methods[0]));
  for (const parts of [mixed, [one[0] ?? "", ...one.slice(0, 2)], [...one.slice(0, 3), xor[3] ?? ""]]) {
    const payload = joining(parts, ObjectType.SymmetricKey);
    t.equal(await refused(Operation.JoinSplitKey, payload), ResultReason.CryptographicFailure);
  }
});

t.test("what cannot be split is refused with its reason", async (t) => {
  const { register } = inVersion(V2_1);
  const { create } = actionsOf(client, V2_1);
  const id = await register(registeredAesKey(secret));
  const inToken = await create(instance(attributes.protectionLevel, 1));
  const prime = { splitKeyMethod: SplitKeyMethod.PolynomialSharingPrimeField };
  const cases = [
    [splitting(id, { objectType: ObjectType.SymmetricKey }), "InvalidObjectType"],
    [splitting("no such object"), "ItemNotFound"],
    [splitting(inToken), "PermissionDenied"],
    [splitting(id, { splitKeyThreshold: 5 }), "InvalidField"],
    [splitting(id, { splitKeyMethod: SplitKeyMethod.XOR }), "BadCryptographicParameters"],
    [splitting(id, { splitKeyParts: 256 }), "BadCryptographicParameters"],
    [
      splitting(id, { splitKeyParts: 256, splitKeyMethod: SplitKeyMethod.PolynomialSharingGF2_16 }),
      "ServerLimitExceeded",
    ],
    [splitting(id, prime), "BadCryptographicParameters"],
    [splitting(id, { ...prime, primeFieldSize: 2n ** 130n }), "BadCryptographicParameters"],
    [splitting(id, { ...prime, primeFieldSize: 251n }), "CryptographicFailure"],
    [splitting(undefined), "InvalidField"],
    [splitting(id, {}, nameOf("a name for all parts")), "NonUniqueNameAttribute"],
  ] as const;
  for (const [payload, reason] of cases)
    t.equal(await refused(Operation.CreateSplitKey, payload), ResultReason[reason]);
  t.equal(await refused(Operation.CreateSplitKey, splitting("no such object"), V1_4), ResultReason.ItemNotFound);
  const joined = joining([id], ObjectType.SymmetricKey);
  t.equal(await refused(Operation.JoinSplitKey, joined), ResultReason.InvalidObjectType);
});

t.test("parts that may not be in the memory of the server are neither made nor joined there", async (t) => {
  const { register, split } = inVersion(V2_1);
  const { act } = actionsOf(client, V2_1);
  const id = await register(registeredAesKey(secret));
  for (const protection of [instance(attributes.sensitive, true), instance(attributes.extractable, false)]) {
    const sensitive = splitting(id, {}, protection);
    t.equal(await refused(Operation.CreateSplitKey, sensitive), ResultReason.PermissionDenied);
  }
  const parts = await split(splitting(id));
  const newAttribute = instance(attributes.sensitive, true);
  await act(Operation.SetAttribute, parts[0], { newAttribute });
  const payload = joining(parts, ObjectType.SymmetricKey);
  t.equal(await refused(Operation.JoinSplitKey, payload), ResultReason.Sensitive);
});

import { randomBytes } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  CertificateRequestType,
  CertificateType,
  CryptographicAlgorithm,
  KeyFormatType,
  KeyValueLocationType,
  ObjectType,
  Operation,
  QueryFunction,
  ResultReason,
  SecretDataType,
  SplitKeyMethod,
} from "#protocol/enums/index.js";
import { majorOf, minorOf, V1_0, V1_2, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, requested } from "#test/support/kmip-actions.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const mask = instance(attributes.cryptographicUsageMask, 12);
const aes = { cryptographicAlgorithm: CryptographicAlgorithm.AES, cryptographicLength: 256 };
const location = instance(attributes.keyValueLocation, {
  keyValueLocationValue: "safe 7",
  keyValueLocationType: KeyValueLocationType.UninterpretedTextString,
});

function block(keyMaterial: Buffer, more: object = {}): object {
  return { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial }, ...more };
}

const shareFacts = { splitKeyParts: 5, keyPartIdentifier: 2, splitKeyThreshold: 3 };

/** An object of each type that comes back exactly as it was registered. */
const kept = [
  {
    what: "a symmetric key",
    since: V1_0,
    type: ObjectType.SymmetricKey,
    fields: { symmetricKey: { keyBlock: block(randomBytes(32), aes) } },
  },
  {
    what: "a split key of XOR",
    since: V1_0,
    type: ObjectType.SplitKey,
    fields: {
      splitKey: { ...shareFacts, splitKeyMethod: SplitKeyMethod.XOR, keyBlock: block(randomBytes(32), aes) },
    },
  },
  {
    what: "a split key of a prime field",
    since: V1_0,
    type: ObjectType.SplitKey,
    fields: {
      splitKey: {
        ...shareFacts,
        splitKeyMethod: SplitKeyMethod.PolynomialSharingPrimeField,
        primeFieldSize: 2n ** 127n - 1n,
        keyBlock: block(randomBytes(16), { ...aes, cryptographicLength: 128 }),
      },
    },
  },
  {
    what: "secret data",
    since: V1_0,
    type: ObjectType.SecretData,
    fields: { secretData: { secretDataType: SecretDataType.Password, keyBlock: block(Buffer.from("swordfish")) } },
  },
  {
    what: "an opaque object",
    since: V1_0,
    type: ObjectType.OpaqueObject,
    fields: { opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: randomBytes(100) } },
  },
  {
    what: "a PGP key",
    since: V1_2,
    type: ObjectType.PGPKey,
    fields: {
      pgpKey: {
        pgpKeyVersion: 4,
        keyBlock: block(Buffer.from("-----BEGIN PGP PUBLIC KEY BLOCK-----"), {
          cryptographicAlgorithm: CryptographicAlgorithm.RSA,
          cryptographicLength: 2048,
        }),
      },
    },
  },
  {
    what: "a PGP certificate",
    since: V1_0,
    type: ObjectType.Certificate,
    fields: { certificate: { certificateType: CertificateType.PGP, certificateValue: Buffer.from("PGP block") } },
  },
  ...[CertificateRequestType.PKCS_10, CertificateRequestType.CRMF, CertificateRequestType.PEM].map(
    (certificateRequestType) => ({
      what: `a certificate request of type ${certificateRequestType}`,
      since: V2_0,
      type: ObjectType.CertificateRequest,
      fields: { certificateRequest: { certificateRequestType, certificateRequestValue: randomBytes(200) } },
    }),
  ),
];

for (const version of [V1_0, V1_2, V1_4, V2_0, V2_1]) {
  const { act, destroy } = actionsOf(client, version);
  for (const { what, type, fields } of kept.filter((row) => row.since <= version)) {
    t.test(`${what} is given back as it was registered (${majorOf(version)}.${minorOf(version)})`, async (t) => {
      const registering = { objectType: type, attributes: requested(mask), ...fields };
      const { uniqueIdentifier: id } = await act<{ uniqueIdentifier: string }>(
        Operation.Register,
        undefined,
        registering,
      );
      const got = await act(Operation.Get, id);
      t.match(got, { objectType: type, ...fields });
      await destroy(id);
      const gone = await ask(client, version, { operation: Operation.Get, payload: { uniqueIdentifier: named(id) } });
      t.notOk(gone.item.responsePayload);
    });
  }

  t.test(`Query tells the object types that can be registered (${majorOf(version)}.${minorOf(version)})`, async (t) => {
    const told = await act<{ objectTypes: readonly number[] }>(Operation.Query, undefined, {
      queryFunctions: [QueryFunction.QueryObjects],
    });
    const types = new Set(kept.filter((row) => row.since <= version).map((row) => row.type));
    for (const type of types) t.ok(told.objectTypes.includes(type), String(type));
    t.equal(told.objectTypes.includes(ObjectType.CertificateRequest), version >= V2_0);
    t.equal(told.objectTypes.includes(ObjectType.PGPKey), version >= V1_2);
  });
}

const latest = actionsOf(client, V2_1);

async function registerReason(objectType: number, fields: object): Promise<number | undefined> {
  const payload = { objectType, attributes: requested(mask), ...fields };
  return (await ask(client, V2_1, { operation: Operation.Register, payload })).reason;
}

t.test("a split key whose numbers contradict each other is refused", async (t) => {
  const keyBlock = block(randomBytes(32), aes);
  const register = (facts: object): Promise<number | undefined> =>
    registerReason(ObjectType.SplitKey, {
      splitKey: { ...shareFacts, splitKeyMethod: SplitKeyMethod.XOR, ...facts, keyBlock },
    });
  t.equal(await register({ splitKeyThreshold: 6 }), ResultReason.InvalidField);
  t.equal(await register({ splitKeyThreshold: 0 }), ResultReason.InvalidField);
  t.equal(await register({ keyPartIdentifier: 6 }), ResultReason.InvalidField);
  t.equal(await register({ keyPartIdentifier: 0 }), ResultReason.InvalidField);
  t.equal(
    await register({ splitKeyMethod: SplitKeyMethod.PolynomialSharingPrimeField, primeFieldSize: undefined }),
    ResultReason.InvalidField,
  );
});

t.test("a key registered without its value is known, and given without value, and not used", async (t) => {
  const { uniqueIdentifier: id } = await latest.act<{ uniqueIdentifier: string }>(Operation.Register, undefined, {
    objectType: ObjectType.SymmetricKey,
    attributes: requested(mask, location, instance(attributes.activationDate, 1000)),
    symmetricKey: { keyBlock: { keyFormatType: KeyFormatType.Raw, ...aes } },
  });
  t.same(await latest.value(id, attributes.keyValuePresent), false);
  t.match(await latest.value(id, attributes.keyValueLocation), location.value);
  t.same(await latest.values(id, attributes.digest), []);
  const got = await latest.act<{ symmetricKey: { keyBlock: object } }>(Operation.Get, id);
  t.match(got.symmetricKey.keyBlock, { keyFormatType: KeyFormatType.Raw, keyValue: undefined, ...aes });
  const other = { uniqueIdentifier: named(id), keyFormatType: KeyFormatType.TransparentSymmetricKey };
  t.equal(
    (await ask(client, V2_1, { operation: Operation.Get, payload: other })).reason,
    ResultReason.KeyValueNotPresent,
  );
  const encrypting = { uniqueIdentifier: named(id), data: Buffer.alloc(16) };
  t.equal(
    (await ask(client, V2_1, { operation: Operation.Encrypt, payload: encrypting })).reason,
    ResultReason.KeyValueNotPresent,
  );
});

t.test("only keys and secrets may be registered without their value", async (t) => {
  const keyBlock = { keyFormatType: KeyFormatType.X_509, ...aes };
  t.equal(await registerReason(ObjectType.PublicKey, { publicKey: { keyBlock } }), ResultReason.InvalidField);
});

t.test("what is registered is of the type the request announces, and there is one of it", async (t) => {
  const symmetricKey = { keyBlock: block(randomBytes(32), aes) };
  t.equal(await registerReason(ObjectType.SecretData, { symmetricKey }), ResultReason.InvalidField);
  const secretData = { secretDataType: SecretDataType.Password, keyBlock: block(Buffer.from("swordfish")) };
  t.equal(await registerReason(ObjectType.SecretData, { symmetricKey, secretData }), ResultReason.InvalidField);
});

for (const [length, bytes] of [
  [112, 16],
  [128, 16],
  [168, 24],
  [192, 24],
] as const) {
  t.test(`a triple DES key of ${length} bits has ${bytes} bytes and encrypts`, async (t) => {
    const { act, create, activate, value } = actionsOf(client, V1_4);
    const id = await create(
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.DES3),
      instance(attributes.cryptographicLength, length),
    );
    await activate(id);
    t.equal(await value(id, attributes.cryptographicLength), length);
    const got = await act<{ symmetricKey: { keyBlock: { keyValue: { keyMaterial: Buffer } } } }>(Operation.Get, id);
    t.equal(got.symmetricKey.keyBlock.keyValue.keyMaterial.length, bytes);
    const cryptographicParameters = { blockCipherMode: 1, paddingMethod: 3 };
    const encrypted = await act<{ data: Buffer; ivCounterNonce: Buffer }>(Operation.Encrypt, id, {
      cryptographicParameters,
      data: Buffer.from("text"),
    });
    const { data, ivCounterNonce } = encrypted;
    const decrypted = await act<{ data: Buffer }>(Operation.Decrypt, id, {
      cryptographicParameters,
      data,
      ivCounterNonce,
    });
    t.equal(decrypted.data.toString(), "text");
  });
}

import {
  createCipheriv,
  createHash,
  createHmac,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  pbkdf2Sync,
} from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  DerivationMethod,
  HashingAlgorithm,
  KeyFormatType,
  LinkType,
  ObjectType,
  Operation,
  ResultReason,
  SecretDataType,
} from "#protocol/enums/index.js";
import { type ProtocolVersion, V1_0, V1_4, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, registeredAesKey, requested } from "#test/support/kmip-actions.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { act, values, value } = actionsOf(client, V2_1);
const derives = instance(attributes.cryptographicUsageMask, CryptographicUsageMask.DeriveKey);
const active = instance(attributes.activationDate, Math.floor(Date.now() / 1000) - 60);
const secret = Buffer.from("00112233445566778899aabbccddeeff", "hex");
const data = Buffer.from("a label\0and a context");

type Made = { uniqueIdentifier: string };

async function register(payload: unknown): Promise<string> {
  return (await act<Made>(Operation.Register, undefined, payload as object)).uniqueIdentifier;
}

function aesBase(...more: readonly AttributeInstance[]): Promise<string> {
  const payload = registeredAesKey(secret, active) as { attributes: { attributes: AttributeInstance[] } };
  const list = payload.attributes.attributes.filter(({ name }) => name !== attributes.cryptographicUsageMask.name);
  const mask = more.some(({ name }) => name === attributes.cryptographicUsageMask.name) ? [] : [derives];
  return register({ ...payload, attributes: requested(...list, ...mask, ...more) });
}

function secretData(keyMaterial: Buffer, ...more: readonly AttributeInstance[]): Promise<string> {
  return register({
    objectType: ObjectType.SecretData,
    attributes: requested(derives, active, ...more),
    secretData: {
      secretDataType: SecretDataType.Password,
      keyBlock: { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial } },
    },
  });
}

function deriving(
  bases: readonly string[],
  method: number,
  parameters: object,
  bits: number,
  ...more: AttributeInstance[]
) {
  return {
    objectType: ObjectType.SecretData,
    uniqueIdentifiers: bases.map(named),
    derivationMethod: method,
    derivationParameters: { derivationData: [], ...parameters },
    attributes: requested(instance(attributes.cryptographicLength, bits), ...more),
  };
}

async function bytesOf(id: string): Promise<Buffer> {
  const got = await act<Record<string, { keyBlock: { keyValue: { keyMaterial: Buffer } } }>>(Operation.Get, id);
  const object = got["secretData"] ?? got["symmetricKey"];
  if (object === undefined) throw new RangeError("neither secret data nor a symmetric key");
  return object.keyBlock.keyValue.keyMaterial;
}

async function derived(bases: readonly string[], method: number, parameters: object, bits: number): Promise<string> {
  const made = await act<Made>(Operation.DeriveKey, undefined, deriving(bases, method, parameters, bits));
  return (await bytesOf(made.uniqueIdentifier)).toString("hex");
}

async function refusal(payload: unknown, version: ProtocolVersion = V2_1): Promise<number | undefined> {
  return (await ask(client, version, { operation: Operation.DeriveKey, payload })).reason;
}

const sha256 = { cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA_256 } };

function hmac(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  return createHmac("sha256", key).update(Buffer.concat(parts)).digest();
}

function number(count: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(count);
  return bytes;
}

t.test("keys are derived by hash, HMAC and encryption", async (t) => {
  const base = await aesBase();
  const hash = createHash("sha256").update(secret).digest("hex");
  t.equal(await derived([base], DerivationMethod.HASH, sha256, 256), hash);
  const mac = hmac(secret, data).toString("hex");
  t.equal(await derived([base], DerivationMethod.HMAC, { ...sha256, derivationData: [data] }, 256), mac);
  t.equal(await derived([base], DerivationMethod.HMAC, { ...sha256, derivationData: [data] }, 128), mac.slice(0, 32));
  const blocks = Buffer.alloc(32, 5);
  const cbc = { cryptographicParameters: { blockCipherMode: BlockCipherMode.CBC }, derivationData: [blocks] };
  const cipher = createCipheriv("aes-128-cbc", secret, Buffer.alloc(16)).setAutoPadding(false);
  t.equal(await derived([base], DerivationMethod.ENCRYPT, cbc, 256), cipher.update(blocks).toString("hex"));
});

t.test("secret data stand in for the derivation data, and passwords for keys", async (t) => {
  const [base, label, password] = [await aesBase(), await secretData(data), await secretData(Buffer.from("password"))];
  t.equal(await derived([base, label], DerivationMethod.HMAC, sha256, 256), hmac(secret, data).toString("hex"));
  const parameters = { ...sha256, salt: Buffer.from("salt"), iterationCount: 1000 };
  const expected = pbkdf2Sync("password", "salt", 1000, 40, "sha256").toString("hex");
  t.equal(await derived([password], DerivationMethod.PBKDF2, parameters, 320), expected);
});

t.test("the functions of SP 800-108 take Label, zero and Context, and put the length behind them", async (t) => {
  const base = await aesBase();
  const fixed = Buffer.concat([data, number(320)]);
  const parameters = { ...sha256, derivationData: [data] };
  const one = hmac(secret, number(1), fixed);
  const counted = Buffer.concat([one, hmac(secret, number(2), fixed)]);
  t.equal(await derived([base], DerivationMethod.NIST800_108_C, parameters, 320), counted.toString("hex", 0, 40));
  const initializationVector = Buffer.alloc(32, 9);
  const first = hmac(secret, initializationVector, number(1), fixed);
  const fed = Buffer.concat([first, hmac(secret, first, number(2), fixed)]).toString("hex", 0, 40);
  t.equal(await derived([base], DerivationMethod.NIST800_108_F, { ...parameters, initializationVector }, 320), fed);
  const [a1, a2] = [hmac(secret, fixed), hmac(secret, hmac(secret, fixed))];
  const piped = Buffer.concat([hmac(secret, a1, number(1), fixed), hmac(secret, a2, number(2), fixed)]);
  t.equal(await derived([base], DerivationMethod.NIST800_108_DPI, parameters, 320), piped.toString("hex", 0, 40));
});

t.test("HKDF, AWS Signature Version 4 and key agreement derive what others derive", async (t) => {
  const base = await secretData(Buffer.from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
  const parameters = { salt: Buffer.from("salt"), derivationData: [Buffer.from("info")] };
  const expanded = hkdfSync("sha256", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "salt", "info", 50);
  t.equal(await derived([base], DerivationMethod.HKDF, parameters, 400), Buffer.from(expanded).toString("hex"));
  const derivationData = ["20150830", "us-east-1", "iam"].map((text) => Buffer.from(text));
  const signing = "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9";
  t.equal(await derived([base], DerivationMethod.AWSSignatureVersion4, { derivationData }, 256), signing);
  const kinds = [
    [CryptographicAlgorithm.EC, 256, () => generateKeyPairSync("ec", { namedCurve: "P-256" })],
    [CryptographicAlgorithm.ECDH, 256, () => generateKeyPairSync("x25519")],
    [CryptographicAlgorithm.DH, 2048, () => generateAny("dh", { group: "modp14" })],
  ] as const;
  for (const [algorithm, bits, generate] of kinds) {
    const [ours, theirs] = [
      await registeredPair(algorithm, bits, generate()),
      await registeredPair(algorithm, bits, generate()),
    ];
    const agreed = await derived([ours.privateKey, theirs.publicKey], DerivationMethod.AsymmetricKey, {}, 256);
    t.equal(await derived([theirs.privateKey, ours.publicKey], DerivationMethod.AsymmetricKey, {}, 256), agreed);
  }
});

/** As generateKeyPairSync, with the types that its declaration leaves out. */
const generateAny = generateKeyPairSync as (type: string, options: object) => ReturnType<typeof generateX25519>;

function generateX25519() {
  return generateKeyPairSync("x25519");
}

async function registeredPair(
  cryptographicAlgorithm: number,
  cryptographicLength: number,
  pair: { privateKey: KeyObject; publicKey: KeyObject },
): Promise<{ privateKey: string; publicKey: string }> {
  const block = (keyFormatType: number, keyMaterial: Buffer) => ({
    keyBlock: {
      keyFormatType,
      keyValue: { keyMaterial },
      cryptographicAlgorithm,
      cryptographicLength,
    },
  });
  const common = { attributes: requested(derives, active) };
  const privateKey = block(KeyFormatType.PKCS_8, pair.privateKey.export({ type: "pkcs8", format: "der" }));
  const publicKey = block(KeyFormatType.X_509, pair.publicKey.export({ type: "spki", format: "der" }));
  return {
    privateKey: await register({ objectType: ObjectType.PrivateKey, ...common, privateKey }),
    publicKey: await register({ objectType: ObjectType.PublicKey, ...common, publicKey }),
  };
}

t.test("what is derived is a new object, and each links to the other", async (t) => {
  const base = await aesBase();
  const asked = {
    ...deriving([base], DerivationMethod.HASH, sha256, 128),
    objectType: ObjectType.SymmetricKey,
    attributes: requested(
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES),
      instance(attributes.cryptographicLength, 128),
    ),
  };
  const { uniqueIdentifier: id } = await act<Made>(Operation.DeriveKey, undefined, asked);
  const links = (of: string) => values(of, attributes.link);
  const link = (linkType: number, identifier: string) => [
    { linkType, linkedObjectIdentifier: { kind: "identifier", identifier } },
  ];
  t.same(await links(id), link(LinkType.DerivationBaseObjectLink, base));
  t.same(await links(base), link(LinkType.DerivedKeyLink, id));
  t.equal(await value(id, attributes.originalCreationDate), await value(id, attributes.initialDate));
  const raw = await bytesOf(id);
  t.equal(raw.length, 16);
  t.same((await value(id, attributes.digest))?.digestValue, createHash("sha256").update(raw).digest());
});

t.test("a key of the token derives there what the token can, and nothing else", async (t) => {
  const { create } = actionsOf(client, V2_1);
  const base = await create(derives, active, instance(attributes.protectionLevel, 1));
  const parameters = { cryptographicParameters: { blockCipherMode: BlockCipherMode.CMAC }, derivationData: [data] };
  const made = await derived([base], DerivationMethod.NIST800_108_C, parameters, 256);
  t.equal(await derived([base], DerivationMethod.NIST800_108_C, parameters, 256), made);
  t.equal(await refusal(deriving([base], DerivationMethod.HASH, sha256, 256)), ResultReason.PermissionDenied);
  const sensitive = await aesBase(instance(attributes.sensitive, true));
  t.equal(await refusal(deriving([sensitive], DerivationMethod.HASH, sha256, 256)), ResultReason.PermissionDenied);
});

t.test("what cannot be derived is refused with the reason of the version", async (t) => {
  const base = await aesBase();
  const password = await secretData(Buffer.from("password"));
  const withData = { ...sha256, derivationData: [data] };
  const cases = [
    [deriving([base], DerivationMethod.HASH, sha256, 264), "CryptographicFailure", "CryptographicFailure"],
    [deriving([password], DerivationMethod.HASH, withData, 256), "InvalidMessage", "InvalidMessage"],
    [deriving([base], DerivationMethod.HMAC, sha256, 256), "InvalidField", "InvalidField"],
    [deriving([base], DerivationMethod.HASH, {}, 256), "BadCryptographicParameters", "InvalidField"],
    [deriving([base], DerivationMethod.PBKDF2, {}, 256), "InvalidField", "InvalidField"],
    [deriving(["no such object"], DerivationMethod.HASH, sha256, 256), "ObjectNotFound", "ItemNotFound"],
    [{ ...deriving([base], 1, {}, 256), objectType: ObjectType.PublicKey }, "InvalidObjectType", "InvalidField"],
    [
      deriving([await aesBase(instance(attributes.cryptographicUsageMask, 4))], DerivationMethod.HASH, sha256, 256),
      "IncompatibleCryptographicUsageMask",
      "InvalidField",
    ],
    [deriving([await aesBase(), base, password], DerivationMethod.HMAC, withData, 256), "InvalidField", "InvalidField"],
  ] as const;
  for (const [payload, reason, earlier] of cases) {
    t.equal(await refusal(payload), ResultReason[reason]);
    t.equal(await refusal(payload, V1_4), ResultReason[earlier]);
    t.equal(await refusal(payload, V1_0), ResultReason[earlier]);
  }
});

t.test("a base that is not active is refused", async (t) => {
  const { revoke } = actionsOf(client, V2_1);
  const base = await aesBase();
  await revoke(base);
  const payload = deriving([base], DerivationMethod.HASH, sha256, 256);
  t.equal(await refusal(payload), ResultReason.WrongKeyLifecycleState);
  t.equal(await refusal(payload, V1_4), ResultReason.InvalidField);
});

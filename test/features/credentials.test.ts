import { createHash, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  CredentialType,
  ObjectType,
  Operation,
  QueryFunction,
  ResultReason,
  SplitKeyMethod,
  WrappingMethod,
} from "#protocol/enums/index.js";
import { authentication } from "#protocol/messages/header.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { type ProtocolVersion, supportedVersions, V1_2, V2_0, V2_1 } from "#protocol/versions.js";
import { oneTimePassword } from "#src/access/credential-secrets.js";
import { CryptokiClient } from "#test/support/cryptoki.js";
import { aesKey, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import {
  type Asked,
  ask,
  askFor,
  named,
  type Requester,
  readAnswer,
  requestMessageItem,
  structureItem,
} from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startedHome, startTestServer } from "#test/support/server.js";

const home = startedHome();
writeFileSync(join(home, "keyreeve.yaml"), "kmip:\n  clientCertificate: optional\n");
const server = await startTestServer({ home });
const { administration } = server;

async function clientNamed(name: string, credential?: object): Promise<{ client: KmipClient; key: string | null }> {
  const folder = await administration.issueClient("demo", name);
  let key: string | null = null;
  if (credential !== undefined) {
    const request = JSON.stringify({ tenant: "demo", client: name, ...credential });
    key = JSON.parse(await administration.setCredential(request)).oneTimeUri;
  }
  return { client: await connectTo(server, { identity: readIdentity(folder) }), key };
}

const password = "correct horse";
const [usual, withPassword, withDevice, withOneTime] = await Promise.all([
  connectTo(server),
  clientNamed("alice", { username: "alice", password }),
  clientNamed("printer", { device: { deviceSerialNumber: "123" }, password }),
  clientNamed("carol", { username: "carol", password, oneTimePassword: true }),
]);
const { authority } = readIdentity(clientFolder(home));
const withoutCertificate = await connectTo(server, { identity: { authority } });
t.teardown(async () => {
  for (const client of [usual, withPassword.client, withDevice.client, withOneTime.client, withoutCertificate]) {
    await client.close();
  }
  await server.stop();
});

type Credential = Readonly<Record<string, unknown>>;

function shown(version: ProtocolVersion, ...credentials: readonly [number, Credential][]): Item {
  const credential = credentials.map(([credentialType, credentialValue]) => ({ credentialType, credentialValue }));
  return authentication.encode(Tag.Authentication, { credential }, { version });
}

const query: Asked = { operation: Operation.Query, payload: { queryFunctions: [QueryFunction.QueryOperations] } };

async function answerTo(client: KmipClient, version: ProtocolVersion, header: readonly Item[], asked = query) {
  return readAnswer(await client.request(requestMessageItem(version, [asked], header)), version);
}

async function reasonOf(
  client: KmipClient,
  version: ProtocolVersion,
  ...header: readonly Item[]
): Promise<number | undefined> {
  return (await answerTo(client, version, header)).batchItems[0]?.resultReason;
}

const login = (username: string, secret: string): [number, Credential] => [
  CredentialType.UsernameAndPassword,
  { username, password: secret },
];
const refused = ResultReason.AuthenticationNotSuccessful;

t.test("a client that a credential is registered for has to show it, in every version", async (t) => {
  const { client } = withPassword;
  for (const version of supportedVersions) {
    t.equal(await reasonOf(client, version), refused);
    t.equal(await reasonOf(client, version, shown(version, login("alice", password))), undefined);
  }
  t.equal(await reasonOf(client, V2_1, shown(V2_1, login("alice", "wrong horse"))), refused);
  t.equal(await reasonOf(client, V2_1, shown(V2_1, login("nobody", password))), refused);
  t.equal(
    await reasonOf(client, V2_1, shown(V2_1, [CredentialType.UsernameAndPassword, { username: "alice" }])),
    refused,
  );
});

t.test("all credentials of a request have to be right", async (t) => {
  const both = shown(V2_1, login("alice", password), login("alice", "wrong horse"));
  t.equal(await reasonOf(withPassword.client, V2_1, both), refused);
});

t.test("credentials of a client that has none here are passed over", async (t) => {
  t.equal(await reasonOf(usual, V1_2, shown(V1_2, login("anybody", "anything"))), undefined);
});

t.test("a device is known by the fields it was registered with", async (t) => {
  const device = (more: Credential): Item =>
    shown(V1_2, [CredentialType.Device, { deviceSerialNumber: "123", ...more }]);
  t.equal(await reasonOf(withDevice.client, V1_2, device({ password })), undefined);
  t.equal(await reasonOf(withDevice.client, V1_2, device({ password, mediaIdentifier: "other" })), refused);
  t.equal(await reasonOf(withDevice.client, V1_2, device({})), refused);
});

t.test("a one-time password is good once, beside the password", async (t) => {
  const { client, key } = withOneTime;
  const secret = /secret=([A-Z2-7]+)/.exec(key ?? "")?.[1] ?? "";
  const bits = [...secret].map((digit) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(digit).toString(2).padStart(5, "0"),
  );
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  const code = oneTimePassword(
    Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2))),
    Math.floor(Date.now() / 30_000),
  );
  const header = (oneTime: string): Item =>
    shown(V2_0, [CredentialType.OneTimePassword, { username: "carol", password, oneTimePassword: oneTime }]);
  t.equal(await reasonOf(client, V2_0, shown(V2_0, login("carol", password))), refused);
  t.equal(await reasonOf(client, V2_0, header(code)), undefined);
  t.equal(await reasonOf(client, V2_0, header(code)), refused);
});

t.test("a hashed password is good once, and the server proves that it knows it too", async (t) => {
  const hash = (...parts: readonly (Buffer | string)[]): Buffer =>
    parts.reduce((sum, part) => sum.update(part), createHash("sha256")).digest();
  const s1 = hash("alice", password);
  const s2 = hash(password, "alice");
  const at = async (timeStamp: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(timeStamp);
    const hashedPassword = Buffer.concat([hash(s1, bytes), s2]);
    const credential: [number, Credential] = [
      CredentialType.HashedPassword,
      { username: "alice", timeStamp, hashedPassword },
    ];
    const answer = await answerTo(withPassword.client, V2_1, [shown(V2_1, credential)]);
    return { answer, expected: hash(bytes, s1, hash(s2)) };
  };
  const now = BigInt(Date.now()) * 1000n;
  const { answer, expected } = await at(now);
  t.equal(answer.batchItems[0]?.resultReason, undefined);
  t.same(answer.responseHeader.serverHashedPassword, expected);
  for (const timeStamp of [now, now - 1n, now + 600_000_000n]) {
    t.equal((await at(timeStamp)).answer.batchItems[0]?.resultReason, refused);
  }
});

t.test("without a certificate a credential says who asks, with the tenant before the name", async (t) => {
  t.equal(await reasonOf(withoutCertificate, V2_1), refused);
  t.equal(await reasonOf(withoutCertificate, V2_1, shown(V2_1, login("alice", password))), refused);
  t.equal(await reasonOf(withoutCertificate, V2_1, shown(V2_1, login("demo/alice", password))), undefined);
  t.equal(await reasonOf(withoutCertificate, V2_1, shown(V2_1, login("demo/alice", "wrong horse"))), refused);
});

const bearing = (client: KmipClient, authentication: Item): Requester => ({
  request: (message) => {
    const [header, ...items] = message.type === ItemType.Structure ? message.value : [];
    const fields = header?.type === ItemType.Structure ? header.value : [];
    const first = structureItem(Tag.RequestHeader, ...fields.slice(0, 1), authentication, ...fields.slice(1));
    return client.request(structureItem(Tag.RequestMessage, first, ...items));
  },
});

t.test("an object of the default operation policy is not for other credentials, whatever way they take", async (t) => {
  const label = `owned ${randomUUID()}`;
  const attribute = instance(attributes.operationPolicyName, "default");
  const mine = bearing(usual, shown(V1_2, login(`mine ${randomUUID()}`, "any")));
  const { uniqueIdentifier: id } = await askFor<{ uniqueIdentifier: string }>(
    mine,
    V1_2,
    Operation.Create,
    aesKey(attribute, nameOf(label)),
  );
  const get: Asked = { operation: Operation.Get, payload: { uniqueIdentifier: named(id) } };
  const others = bearing(usual, shown(V1_2, login("others", "any")));
  t.equal((await ask(mine, V1_2, get)).reason, undefined);
  t.equal((await ask(others, V1_2, get)).reason, ResultReason.PermissionDenied);
  const splitting = {
    objectType: ObjectType.SplitKey,
    uniqueIdentifier: named(id),
    splitKeyParts: 2,
    splitKeyThreshold: 2,
    splitKeyMethod: SplitKeyMethod.XOR,
    attributes: requested(),
  };
  const split: Asked = { operation: Operation.CreateSplitKey, payload: splitting };
  t.equal((await ask(others, V1_2, split)).reason, ResultReason.PermissionDenied);
  const made = await askFor<{ uniqueIdentifier: string }>(others, V1_2, Operation.Create, aesKey());
  const keyWrappingSpecification = {
    wrappingMethod: WrappingMethod.Encrypt,
    encryptionKeyInformation: { uniqueIdentifier: id },
    attributeNames: [],
  };
  const wrapped = { uniqueIdentifier: named(made.uniqueIdentifier), keyWrappingSpecification };
  const wrap: Asked = { operation: Operation.Get, payload: wrapped };
  t.equal((await ask(others, V1_2, wrap)).reason, ResultReason.PermissionDenied);
  const cryptoki = await CryptokiClient.initialise(bearing(usual, shown(V2_1, login("others", "any"))));
  const session = await cryptoki.openSession();
  const [handle = 0n] = await cryptoki.find(session, { LABEL: label });
  t.not(handle, 0n);
  t.equal((await cryptoki.attribute(session, handle, "VALUE")).code, "ACTION_PROHIBITED");
  await cryptoki.call("C_Finalize");
});

t.test("refusals stand in the audit trail, and after many of them nothing more is checked", async (t) => {
  for (let tries = 0; tries < 20; tries++) {
    await reasonOf(withPassword.client, V2_1, shown(V2_1, login("nobody", "wrong horse")));
  }
  t.equal(await reasonOf(withPassword.client, V2_1, shown(V2_1, login("alice", password))), refused);
  const rows = (await administration.exportAudit())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const of = rows.filter(({ operation, clientName }) => operation === "(message)" && clientName === "alice");
  t.ok(of.length >= 20);
  t.ok(of.every(({ resultReason }) => resultReason === "AuthenticationNotSuccessful"));
});

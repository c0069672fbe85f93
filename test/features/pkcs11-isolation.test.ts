import { randomBytes, randomUUID } from "node:crypto";
import t from "tap";
import { V2_1 } from "#protocol/versions.js";
import { ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import { CryptokiClient, resultOf, vectorParameter } from "#test/support/cryptoki.js";
import { actionsOf, nameOf } from "#test/support/kmip-actions.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
await server.administration.createTenant("other");
const owner = await connectTo(server);
const stranger = await connectTo(server, {
  identity: readIdentity(await server.administration.issueClient("other", "stranger")),
});
const colleague = await connectTo(server, {
  identity: readIdentity(await server.administration.issueClient("demo", "colleague")),
});
t.teardown(async () => {
  for (const client of [owner, stranger, colleague]) await client.close();
  await server.stop();
});

const mechanism = [0x1085, vectorParameter(Buffer.alloc(16))] as const;

t.test("another client's correlation value is worth nothing, of one tenant or another", async (t) => {
  const cryptoki = await CryptokiClient.initialise(owner);
  const session = await cryptoki.openSession();
  for (const client of [stranger, colleague]) {
    const thief = cryptoki.as(cryptoki.correlationValue, client);
    const call = await thief.call("C_GetSessionInfo", new ParameterWriter().ulong(session));
    t.equal(call.code, "CRYPTOKI_NOT_INITIALIZED");
    t.equal((await thief.call("C_Finalize")).code, "CRYPTOKI_NOT_INITIALIZED");
  }
  t.equal((await cryptoki.call("C_GetSessionInfo", new ParameterWriter().ulong(session))).code, "OK");
  await cryptoki.call("C_Finalize");
});

t.test("handles of one instance name nothing in another", async (t) => {
  const first = await CryptokiClient.initialise(owner);
  const session = await first.openSession();
  const key = await first.generateKey(session, { TOKEN: true, ENCRYPT: true });
  for (const client of [owner, colleague, stranger]) {
    const second = await CryptokiClient.initialise(client);
    const own = await second.openSession();
    t.equal((await second.start("C_EncryptInit", session, mechanism, key)).code, "SESSION_HANDLE_INVALID");
    t.equal((await second.start("C_EncryptInit", own, mechanism, key)).code, "KEY_HANDLE_INVALID");
    const destroy = new ParameterWriter().ulong(own).ulong(key);
    t.equal((await second.call("C_DestroyObject", destroy)).code, "OBJECT_HANDLE_INVALID");
    await second.call("C_Finalize");
  }
  t.equal((await first.start("C_EncryptInit", session, mechanism, key)).code, "OK");
  await first.call("C_Finalize");
});

t.test("guessed handles hit nothing, small ones that the module would have included", async (t) => {
  const cryptoki = await CryptokiClient.initialise(owner);
  const session = await cryptoki.openSession();
  await cryptoki.generateKey(session);
  const guesses = [...Array.from({ length: 64 }, (_, index) => BigInt(index)), 2n ** 63n - 1n, 2n ** 64n - 1n];
  for (let guess = 0; guess < 64; guess += 1) guesses.push(randomBytes(8).readBigUInt64BE());
  for (const guess of guesses) {
    const { code } = await cryptoki.call("C_DestroyObject", new ParameterWriter().ulong(session).ulong(guess));
    t.equal(code, "OBJECT_HANDLE_INVALID", String(guess));
  }
  await cryptoki.call("C_Finalize");
});

t.test(
  "a search shows the objects of the client's own tenant, and none of what the server keeps for itself",
  async (t) => {
    const name = randomUUID();
    await actionsOf(owner, V2_1).create(nameOf(name));
    const theirs = await CryptokiClient.initialise(stranger);
    const session = await theirs.openSession();
    t.strictSame(await theirs.find(session, {}), []);
    t.strictSame(await theirs.find(session, { LABEL: name }), []);
    const colleagues = await CryptokiClient.initialise(colleague);
    t.equal((await colleagues.find(await colleagues.openSession(), { LABEL: name })).length, 1);
    await theirs.call("C_Finalize");
    await colleagues.call("C_Finalize");
  },
);

t.test("session objects are seen by their own instance only and go with their session", async (t) => {
  const cryptoki = await CryptokiClient.initialise(owner);
  const maker = await cryptoki.openSession();
  const user = await cryptoki.openSession();
  const label = randomUUID();
  const key = await cryptoki.generateKey(maker, { LABEL: label, ENCRYPT: true });
  t.strictSame(await cryptoki.find(user, { LABEL: label }), [key]);
  t.strictSame(await cryptoki.find(user, { LABEL: label, TOKEN: true }), []);
  t.equal((await cryptoki.start("C_EncryptInit", user, mechanism, key)).code, "OK");
  t.equal(resultOf(await cryptoki.whole("C_Encrypt", user, Buffer.alloc(16))).length, 32);
  const other = await CryptokiClient.initialise(owner);
  t.strictSame(await other.find(await other.openSession(), { LABEL: label }), []);
  t.strictSame(await actionsOf(owner, V2_1).locate(nameOf(label)), []);
  await cryptoki.call("C_CloseSession", new ParameterWriter().ulong(maker));
  t.strictSame(await cryptoki.find(user, { LABEL: label }), []);
  t.equal((await cryptoki.start("C_EncryptInit", user, mechanism, key)).code, "KEY_HANDLE_INVALID");
  await cryptoki.call("C_Finalize");
  await other.call("C_Finalize");
});

t.test("a session that only reads makes and destroys nothing that stays", async (t) => {
  const cryptoki = await CryptokiClient.initialise(owner);
  const writing = await cryptoki.openSession();
  const reading = await cryptoki.openSession(4);
  const refused = await cryptoki.tryGenerateKey(reading, { VALUE_LEN: 32, TOKEN: true });
  t.equal(refused.code, "SESSION_READ_ONLY");
  const key = await cryptoki.generateKey(writing, { TOKEN: true });
  const destroy = new ParameterWriter().ulong(reading).ulong(key);
  t.equal((await cryptoki.call("C_DestroyObject", destroy)).code, "SESSION_READ_ONLY");
  t.ok(await cryptoki.generateKey(reading));
  await cryptoki.call("C_Finalize");
});

t.test("instances and sessions have limits", async (t) => {
  const instances: CryptokiClient[] = [];
  for (let made = 0; made < 8; made += 1) instances.push(await CryptokiClient.initialise(stranger));
  const [first] = instances;
  if (first === undefined) throw new RangeError("there are instances");
  t.equal((await first.as(undefined).call("C_Initialize", Buffer.from([1]))).code, "HOST_MEMORY");
  const open = new ParameterWriter().ulong(0).ulong(4).done();
  for (let opened = 0; opened < 64; opened += 1) await first.call("C_OpenSession", open);
  t.equal((await first.call("C_OpenSession", open)).code, "SESSION_COUNT");
  t.equal((await first.call("C_CloseAllSessions", new ParameterWriter().ulong(0))).code, "OK");
  t.equal((await first.call("C_OpenSession", open)).code, "OK");
  for (const instance of instances) await instance.call("C_Finalize");
});

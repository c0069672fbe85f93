import { randomBytes, randomUUID } from "node:crypto";
import t from "tap";
import { ResultReason } from "#protocol/enums/index.js";
import { V2_0, V2_1 } from "#protocol/versions.js";
import { ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import { bytesOf, CryptokiClient, resultOf, vectorParameter } from "#test/support/cryptoki.js";
import { actionsOf, nameOf } from "#test/support/kmip-actions.js";
import { OperationFailed } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const aesCbcPad = 0x1085;
const aesGcm = 0x1087;
const secretKey = 4;

/** CK_GCM_PARAMS: IV, its bits, additional data, bits of the tag. */
function gcmParameters(iv: Buffer, additionalData = Buffer.alloc(0), tagBits = 128): Buffer {
  return new ParameterWriter()
    .counted(iv)
    .ulong(iv.length * 8)
    .counted(additionalData)
    .ulong(tagBits)
    .done();
}

t.test("a client lives from C_Initialize to C_Finalize with a key that stays", async (t) => {
  const cryptoki = await CryptokiClient.initialise(client);
  const session = await cryptoki.openSession();
  const label = randomUUID();
  const key = await cryptoki.generateKey(session, {
    TOKEN: true,
    LABEL: label,
    ID: Buffer.from("id-1"),
    ENCRYPT: true,
    DECRYPT: true,
  });
  t.strictSame(await cryptoki.find(session, { CLASS: secretKey, LABEL: label }), [key]);
  t.strictSame(await cryptoki.find(session, { LABEL: label, ID: Buffer.from("id-1") }), [key]);
  t.strictSame(await cryptoki.find(session, { LABEL: label, ID: Buffer.from("other") }), []);

  const mechanism = [aesCbcPad, vectorParameter(randomBytes(16))] as const;
  const plaintext = Buffer.from("a message of no block's length");
  t.equal((await cryptoki.start("C_EncryptInit", session, mechanism, key)).code, "OK");
  const ciphertext = resultOf(await cryptoki.whole("C_Encrypt", session, plaintext));
  await cryptoki.start("C_DecryptInit", session, mechanism, key);
  t.strictSame(resultOf(await cryptoki.whole("C_Decrypt", session, ciphertext)), plaintext);

  t.equal((await cryptoki.call("C_DestroyObject", new ParameterWriter().ulong(session).ulong(key))).code, "OK");
  t.strictSame(await cryptoki.find(session, { LABEL: label }), []);
  t.equal((await cryptoki.start("C_EncryptInit", session, mechanism, key)).code, "KEY_HANDLE_INVALID");
  t.equal((await cryptoki.call("C_CloseSession", new ParameterWriter().ulong(session))).code, "OK");
  t.equal((await cryptoki.call("C_Finalize")).code, "OK");
  t.equal((await cryptoki.call("C_GetInfo")).code, "CRYPTOKI_NOT_INITIALIZED");
});

t.test("only C_Initialize answers with a correlation value, which all later calls must bear", async (t) => {
  for (const version of [V2_0, V2_1]) {
    const cryptoki = await CryptokiClient.initialise(client, version);
    t.equal(cryptoki.correlationValue?.length, 16);
    t.equal((await cryptoki.call("C_GetInfo")).correlationValue, undefined);
    t.equal((await cryptoki.as(undefined).call("C_GetInfo")).code, "CRYPTOKI_NOT_INITIALIZED");
    t.equal((await cryptoki.call("C_Initialize", Buffer.from([1]))).code, "CRYPTOKI_ALREADY_INITIALIZED");
    await cryptoki.call("C_Finalize");
  }
});

t.test("slot, token and mechanisms are told", async (t) => {
  const cryptoki = await CryptokiClient.initialise(client);
  const information = await cryptoki.call("C_GetInfo");
  t.equal(information.output.left, 76);
  t.strictSame([...information.output.take(2)], [2, 40]);
  const asked = new ParameterWriter().boolean(true).boolean(false).length(0);
  const { output: count } = await cryptoki.call("C_GetSlotList", asked);
  t.strictSame([count.boolean(), count.length(), count.left], [false, 1, 0]);
  t.equal((await cryptoki.call("C_GetSlotInfo", new ParameterWriter().ulong(0))).output.left, 108);
  t.equal((await cryptoki.call("C_GetSlotInfo", new ParameterWriter().ulong(1))).code, "SLOT_ID_INVALID");
  const token = (await cryptoki.call("C_GetTokenInfo", new ParameterWriter().ulong(0))).output;
  t.equal(token.take(32).toString(), "demo".padEnd(32));
  t.equal(token.left, 32 + 16 + 16 + 11 * 8 + 4 + 16);
  const list = new ParameterWriter().ulong(0).boolean(true).length(100);
  const { output: mechanisms } = await cryptoki.call("C_GetMechanismList", list);
  mechanisms.boolean();
  const types = Array.from({ length: mechanisms.length() }, () => mechanisms.ulong());
  t.ok(types.includes(aesGcm) && types.includes(0x1040));
  const few = new ParameterWriter().ulong(0).boolean(true).length(1);
  t.equal((await cryptoki.call("C_GetMechanismList", few)).code, "BUFFER_TOO_SMALL");
  const { output } = await cryptoki.call("C_GetMechanismInfo", new ParameterWriter().ulong(0).ulong(aesGcm));
  t.strictSame([output.ulong(), output.ulong(), output.ulong() & 0x300], [16, 32, 0x300]);
  await cryptoki.call("C_Finalize");
});

t.test("a session has a state, and C_Login changes it without asking the token", async (t) => {
  const cryptoki = await CryptokiClient.initialise(client);
  const session = await cryptoki.openSession();
  const stateOf = async (): Promise<number> => {
    const { output } = await cryptoki.call("C_GetSessionInfo", new ParameterWriter().ulong(session));
    output.ulong();
    return output.ulong();
  };
  const login = (user: number) => new ParameterWriter().ulong(session).ulong(user).counted(Buffer.from("any"));
  t.equal(await stateOf(), 2);
  t.equal((await cryptoki.call("C_Login", login(1))).code, "OK");
  t.equal(await stateOf(), 3);
  t.equal((await cryptoki.call("C_Login", login(1))).code, "USER_ALREADY_LOGGED_IN");
  t.equal((await cryptoki.call("C_Login", login(0))).code, "USER_TYPE_INVALID");
  t.equal((await cryptoki.call("C_Logout", new ParameterWriter().ulong(session))).code, "OK");
  t.equal((await cryptoki.call("C_Logout", new ParameterWriter().ulong(session))).code, "USER_NOT_LOGGED_IN");
  const parallel = new ParameterWriter().ulong(0).ulong(2);
  t.equal((await cryptoki.call("C_OpenSession", parallel)).code, "SESSION_PARALLEL_NOT_SUPPORTED");
  await cryptoki.call("C_Finalize");
});

t.test("GCM puts its tag behind the ciphertext, and any change of either is refused", async (t) => {
  const cryptoki = await CryptokiClient.initialise(client);
  const session = await cryptoki.openSession();
  const key = await cryptoki.generateKey(session, { ENCRYPT: true, DECRYPT: true });
  const mechanism = [aesGcm, gcmParameters(randomBytes(12), Buffer.from("header"))] as const;
  await cryptoki.start("C_EncryptInit", session, mechanism, key);
  const sealed = resultOf(await cryptoki.whole("C_Encrypt", session, Buffer.from("plain")));
  t.equal(sealed.length, 5 + 16);
  await cryptoki.start("C_DecryptInit", session, mechanism, key);
  t.equal(resultOf(await cryptoki.whole("C_Decrypt", session, sealed)).toString(), "plain");
  await cryptoki.start("C_DecryptInit", session, mechanism, key);
  const altered = Buffer.from(sealed.map((byte, index) => (index === 0 ? byte ^ 1 : byte)));
  t.equal((await cryptoki.whole("C_Decrypt", session, altered)).code, "ENCRYPTED_DATA_INVALID");
  t.equal((await cryptoki.whole("C_Decrypt", session, sealed)).code, "OPERATION_NOT_INITIALIZED");
  const weak = [aesGcm, gcmParameters(randomBytes(12), Buffer.alloc(0), 32)] as const;
  await cryptoki.start("C_EncryptInit", session, weak, key);
  t.equal((await cryptoki.whole("C_Encrypt", session, Buffer.from("plain"))).code, "MECHANISM_PARAM_INVALID");
  await cryptoki.call("C_Finalize");
});

t.test("the length of a result can be asked for, and the operation waits for a buffer that holds it", async (t) => {
  const cryptoki = await CryptokiClient.initialise(client);
  const session = await cryptoki.openSession();
  const key = await cryptoki.generateKey(session, { ENCRYPT: true });
  await cryptoki.start("C_EncryptInit", session, [aesCbcPad, vectorParameter(Buffer.alloc(16))], key);
  const { code, output } = await cryptoki.whole("C_Encrypt", session, Buffer.alloc(20), null);
  t.strictSame([code, output.boolean(), output.length()], ["OK", false, 32]);
  t.equal((await cryptoki.whole("C_Encrypt", session, Buffer.alloc(20), 31)).code, "BUFFER_TOO_SMALL");
  t.equal(resultOf(await cryptoki.whole("C_Encrypt", session, Buffer.alloc(20), 32)).length, 32);
  t.equal((await cryptoki.whole("C_Encrypt", session, Buffer.alloc(20))).code, "OPERATION_NOT_INITIALIZED");
  await cryptoki.call("C_Finalize");
});

t.test("data in parts give what they give whole", async (t) => {
  const cryptoki = await CryptokiClient.initialise(client);
  const session = await cryptoki.openSession();
  const key = await cryptoki.generateKey(session, { ENCRYPT: true });
  const mechanism = [aesCbcPad, vectorParameter(Buffer.alloc(16, 7))] as const;
  const data = randomBytes(100);
  await cryptoki.start("C_EncryptInit", session, mechanism, key);
  const atOnce = resultOf(await cryptoki.whole("C_Encrypt", session, data));
  await cryptoki.start("C_EncryptInit", session, mechanism, key);
  await cryptoki.whole("C_EncryptUpdate", session, data.subarray(0, 33));
  await cryptoki.whole("C_EncryptUpdate", session, data.subarray(33));
  t.equal((await cryptoki.whole("C_Encrypt", session, data)).code, "OPERATION_ACTIVE");
  await cryptoki.start("C_EncryptInit", session, mechanism, key);
  await cryptoki.whole("C_EncryptUpdate", session, data.subarray(0, 33));
  await cryptoki.whole("C_EncryptUpdate", session, data.subarray(33));
  t.strictSame(resultOf(await cryptoki.last("C_EncryptFinal", session)), atOnce);
  await cryptoki.call("C_Finalize");
});

t.test("a managed object of KMIP is found by its name and used under its own rules", async (t) => {
  const name = randomUUID();
  const { create, activate } = actionsOf(client, V2_1);
  const id = await create(nameOf(name));
  const cryptoki = await CryptokiClient.initialise(client);
  const session = await cryptoki.openSession();
  const [key] = await cryptoki.find(session, { LABEL: name });
  if (key === undefined) throw new RangeError("the key was not found");
  t.strictSame(bytesOf(await cryptoki.attribute(session, key, "UNIQUE_ID")).toString(), id);
  const mechanism = [aesCbcPad, vectorParameter(Buffer.alloc(16))] as const;
  t.equal((await cryptoki.start("C_EncryptInit", session, mechanism, key)).code, "KEY_FUNCTION_NOT_PERMITTED");
  await activate(id);
  t.equal((await cryptoki.start("C_EncryptInit", session, mechanism, key)).code, "OK");
  t.equal((await cryptoki.start("C_SignInit", session, [0x251], key)).code, "KEY_FUNCTION_NOT_PERMITTED");
  await cryptoki.call("C_Finalize");
});

t.test("every call is in the audit trail with its function and its return code", async (t) => {
  const cryptoki = await CryptokiClient.initialise(client);
  await cryptoki.call("C_GetSessionInfo", new ParameterWriter().ulong(42));
  await cryptoki.call("C_Finalize");
  const lines = (await server.administration.exportAudit()).trim().split("\n");
  const details = lines.map((line) => JSON.parse(line)).filter(({ operation }) => operation === "PKCS#11");
  const last = details.slice(-3).map(({ detail }) => (typeof detail === "string" ? JSON.parse(detail) : detail));
  t.match(last, [
    { function: "C_Initialize", returnCode: "OK" },
    { function: "C_GetSessionInfo", returnCode: "SESSION_HANDLE_INVALID" },
    { function: "C_Finalize", returnCode: "OK" },
  ]);
});

t.test("what the interface does not have, and what is not encoded as it must be, fails as KMIP says", async (t) => {
  const cryptoki = await CryptokiClient.initialise(client);
  const reasonOf = async (call: Promise<unknown>): Promise<number | undefined> => {
    try {
      await call;
      return undefined;
    } catch (error) {
      if (!(error instanceof OperationFailed)) throw error;
      return error.answered.reason;
    }
  };
  t.equal(await reasonOf(cryptoki.call("C_OpenSession", Buffer.from([1]))), ResultReason.PKCS_11CodecError);
  t.equal(await reasonOf(cryptoki.request({ pkcs11Function: 0x77 })), ResultReason.PKCS_11InvalidFunction);
  t.equal(await reasonOf(cryptoki.request({ pkcs11Function: { vendor: 3 } })), ResultReason.PKCS_11InvalidFunction);
  const stranger = { pkcs11Function: 3, pkcs11Interface: "Vendor NEC" };
  t.equal(await reasonOf(cryptoki.request(stranger)), ResultReason.PKCS_11InvalidInterface);
  t.equal((await cryptoki.call("C_InitToken")).code, "FUNCTION_NOT_SUPPORTED");
  t.equal((await cryptoki.call("C_GetFunctionStatus")).code, "FUNCTION_NOT_PARALLEL");
  await cryptoki.call("C_Finalize");
});

import t from "tap";
import type { KeyReference } from "#src/crypto/port.js";
import { type FaultyHsm, startFaultyHsm, untilAnswered } from "#test/support/faulty-hsm.js";
import { importSecret, place, refusal } from "./contract/keys.js";

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 5);

/** Return values of PKCS#11 §2. */
const CKR = {
  GENERAL_ERROR: 0x05,
  FUNCTION_FAILED: 0x06,
  DEVICE_ERROR: 0x30,
  OPERATION_ACTIVE: 0x90,
  OPERATION_NOT_INITIALIZED: 0x91,
  SESSION_CLOSED: 0xb0,
  SESSION_HANDLE_INVALID: 0xb3,
  VENDOR_DEFINED: 0x80000101,
} as const;

let hsm: FaultyHsm;
let key: KeyReference;
let expected: Buffer;

t.before(async () => {
  // No look at the health of the partition comes between: it finds faults of its own.
  hsm = await startFaultyHsm({ healthIntervalMilliseconds: 3_600_000 });
  key = await importSecret(hsm.partition, "aes", "12".repeat(32));
  expected = (await hsm.partition.encrypt(key, ECB, BLOCK)).data;
});
t.afterEach(() => hsm.heal());
t.teardown(() => hsm.close());

async function encrypt(): Promise<Buffer> {
  return (await hsm.partition.encrypt(key, ECB, BLOCK)).data;
}

t.test("a lost session is opened anew, and its operation done once more", async (t) => {
  for (const value of [CKR.SESSION_HANDLE_INVALID, CKR.SESSION_CLOSED]) {
    await hsm.shim.follow({ target: "C_EncryptInit", action: "return", value, times: 1 });
    t.same(await encrypt(), expected);
  }
  t.same(hsm.faults(), ["session-lost"]);
  t.equal(hsm.retries("session"), 2);
  t.same(hsm.restarts(), [], "the worker goes on");
});

t.test("where all sessions are lost the login is as well: a new worker repeats the call", async (t) => {
  await hsm.shim.follow({ target: "C_EncryptInit", action: "drop", times: 1 });
  t.same(await encrypt(), expected);
  t.same(hsm.faults(), ["session-lost"]);
  t.same(hsm.restarts(), ["fault"]);
  t.equal(hsm.retries("worker"), 1);
});

t.test("a key that was being made in the token when the sessions were lost is not made twice", async (t) => {
  await hsm.shim.follow({ target: "C_GenerateKey", action: "drop", times: 1 });
  const making = hsm.partition.generateSecret({ ...place("token"), keyType: "aes", bits: 128 });
  await t.rejects(making, refusal("unavailable"));
  t.same(hsm.faults(), ["session-lost"]);
  t.same(await hsm.partition.tokenKeys(), []);
});

t.test("a session that is poisoned is left, and its operation done once more in another", async (t) => {
  for (const value of [CKR.OPERATION_ACTIVE, CKR.OPERATION_NOT_INITIALIZED]) {
    await hsm.shim.follow({ target: "C_EncryptInit", action: "return", value, times: 1 });
    t.same(await encrypt(), expected);
  }
  t.same(hsm.faults(), ["session-poisoned"]);
  t.same(hsm.restarts(), []);
});

t.test("an operation that was begun and never ended does not disturb the next", async (t) => {
  const value = CKR.FUNCTION_FAILED;
  await hsm.shim.follow({ target: "C_Encrypt", action: "return", value, times: 1 });
  t.same(await encrypt(), expected, "the module still has it active in the session that was left");
  t.same(hsm.faults(), ["device-error"]);
  t.equal(hsm.retries("session"), 1);
});

t.test("with no session left calls are refused as overloaded, until there are some again", async (t) => {
  const value = CKR.SESSION_HANDLE_INVALID;
  await hsm.shim.follow(
    { target: "C_EncryptInit", action: "return", value, times: 1 },
    { target: "C_OpenSession", action: "limit", value: 1 },
  );
  await t.rejects(encrypt(), refusal("overloaded"));
  t.same(hsm.faults(), ["sessions-exhausted"]);
  await hsm.shim.follow();
  t.same(await encrypt(), expected);
  t.same(hsm.restarts(), []);
});

t.test("a lost login is noticed, and a new worker logs in and repeats the call", async (t) => {
  await hsm.shim.follow({ target: "C_EncryptInit", action: "logout", times: 1 });
  t.same(await encrypt(), expected);
  t.same(hsm.faults(), ["login-lost"]);
  t.same(hsm.restarts(), ["fault"]);
  t.equal(hsm.retries("worker"), 1);
});

t.test("a failure without a reason is tried once more in a new session, and then it is a device error", async (t) => {
  const fails = (times?: number) => ({
    target: "C_Encrypt" as const,
    action: "return" as const,
    value: CKR.GENERAL_ERROR,
    ...(times === undefined ? {} : { times }),
  });
  await hsm.shim.follow(fails(1));
  t.same(await encrypt(), expected);
  t.equal(hsm.retries("session"), 1);
  await hsm.shim.follow(fails());
  await t.rejects(encrypt(), { ...refusal("device-error"), returnValue: CKR.GENERAL_ERROR });
  t.equal(hsm.shim.hits()[0], 2, "no more than twice");
  t.same(hsm.faults(), ["device-error"]);
  t.same(hsm.restarts(), []);
});

t.test("a return value that the standard does not know is a device error", async (t) => {
  await hsm.shim.follow({ target: "C_Encrypt", action: "return", value: CKR.VENDOR_DEFINED });
  await t.rejects(encrypt(), { ...refusal("device-error"), returnValue: CKR.VENDOR_DEFINED });
  t.same(hsm.faults(), ["device-error"]);
});

t.test("data that do not decrypt are not tried twice, and are no fault of the token", async (t) => {
  const gcm = { name: "gcm", iv: Buffer.alloc(12), additionalData: Buffer.alloc(0), tagLength: 16 } as const;
  const before = hsm.shim.calls("C_Decrypt");
  await t.rejects(hsm.partition.decrypt(key, gcm, BLOCK, Buffer.alloc(16)), refusal("decryption-failed"));
  t.equal(hsm.shim.calls("C_Decrypt") - before, 1);
  t.same(hsm.faults(), []);
});

t.test("when the device fails, a new worker repeats the call", async (t) => {
  await hsm.shim.follow({ target: "C_Encrypt", action: "return", value: CKR.DEVICE_ERROR, times: 1 });
  t.same(await encrypt(), expected);
  t.same(hsm.faults(), ["device-error"]);
  t.same(hsm.restarts(), ["fault"]);
});

t.test("a device that stays broken opens the circuit: its canary does not sign", async (t) => {
  await hsm.shim.follow({ target: "C_Sign", action: "return", value: CKR.DEVICE_ERROR });
  const circuitOpen = () => hsm.engine.status()[0]?.circuitOpen === true;
  while (!circuitOpen()) {
    await t.rejects(hsm.partition.authenticate(BLOCK), refusal("unavailable"));
  }
  t.same(hsm.faults(), ["device-error"]);
  const calls = hsm.shim.calls("C_Initialize");
  await t.rejects(hsm.partition.random(8), refusal("unavailable"), "refused at once");
  t.equal(hsm.shim.calls("C_Initialize"), calls, "and no worker is started for it");
  t.ok(hsm.reports.some((one) => one.on === "refusal" && one.why === "circuit"));
  await hsm.shim.follow();
  t.equal((await untilAnswered(() => hsm.partition.authenticate(BLOCK))).length, 32, "and it is back by itself");
  t.equal(circuitOpen(), false);
  const changes = hsm.reports.flatMap((one) => (one.on === "circuit" ? [one.open] : []));
  t.same(changes, [true, false]);
});

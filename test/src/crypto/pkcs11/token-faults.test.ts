import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { createHsmEngine } from "#src/crypto/pkcs11/engine.js";
import type { KeyReference } from "#src/crypto/port.js";
import { silentLog } from "#src/telemetry/log.js";
import { type FaultyHsm, startFaultyHsm, untilAnswered } from "#test/support/faulty-hsm.js";
import { tokenFile } from "#test/support/hsm-faults.js";
import { importSecret, newObjectId, place, referenceTo, refusal } from "./contract/keys.js";

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 5);
const PIN = "24681012";

const CKR_DEVICE_MEMORY = 0x31;
const CKR_PIN_INCORRECT = 0xa0;
const CKM_AES_ECB = 0x1081;

let hsm: FaultyHsm;
let key: KeyReference;
let expected: Buffer;

t.before(async () => {
  hsm = await startFaultyHsm();
  key = await importSecret(hsm.partition, "aes", "12".repeat(32));
  expected = (await hsm.partition.encrypt(key, ECB, BLOCK)).data;
});
t.afterEach(() => hsm.heal());
t.teardown(() => hsm.close());

async function encrypt(reference: KeyReference = key): Promise<Buffer> {
  return (await hsm.partition.encrypt(reference, ECB, BLOCK)).data;
}

async function makeInToken(): Promise<KeyReference> {
  const stored = await hsm.partition.generateSecret({ ...place("token"), keyType: "aes", bits: 256 });
  return referenceTo(stored, "aes", "secret", "token");
}

/** Files of the keys in the token. */
function keyFiles(): string[] {
  const folder = join(tokenFile(hsm), "..");
  const keys = readdirSync(folder).filter((name) => name.endsWith(".object") && name !== "token.object");
  return keys.map((name) => join(folder, name));
}

t.test("a token that is not in its slot makes nothing missing, and is found when it is back", async (t) => {
  const inToken = await makeInToken();
  await hsm.shim.follow({ target: "any", action: "absent" });
  const { partition } = hsm;
  const calls = [
    () => encrypt(),
    () => encrypt(inToken),
    () => partition.tokenKeys(),
    () => partition.destroyKey(inToken),
  ];
  for (const call of calls) {
    await t.rejects(async () => void (await call()), refusal("unavailable"));
  }
  t.same(hsm.faults(), ["token-missing"]);
  await hsm.shim.follow();
  t.same(await untilAnswered(() => encrypt()), expected);
  t.equal((await encrypt(inToken)).length, 16, "the key is there");
  await hsm.partition.destroyKey(inToken);
});

t.test("a token that finds nothing is missing, not empty", async (t) => {
  const inToken = { ...(await makeInToken()), objectId: newObjectId() };
  await hsm.shim.follow({ target: "C_FindObjects", action: "empty" });
  await t.rejects(encrypt(inToken), refusal("unavailable"));
  t.same(hsm.faults(), ["token-missing"]);
  await hsm.heal();
  t.equal((await encrypt(inToken)).length, 16);
  await hsm.partition.destroyKey(inToken);
});

t.test("a full token refuses new keys in it and nothing else", async (t) => {
  await hsm.shim.follow({ target: "C_GenerateKey", action: "return", value: CKR_DEVICE_MEMORY, times: 1 });
  await t.rejects(makeInToken(), refusal("token-full"));
  t.same(hsm.faults(), ["token-full"]);
  t.same(await encrypt(), expected);
  t.equal((await hsm.partition.generateSecret({ ...place("wrapped"), keyType: "aes", bits: 256 })).material.length, 40);
  t.same(hsm.restarts(), []);
});

t.test("a key that the token acknowledged and did not keep is refused, and leaves nothing behind", async (t) => {
  const files = keyFiles().length;
  await hsm.shim.follow({ target: "C_GenerateKey", action: "lie", times: 1 });
  await t.rejects(makeInToken(), refusal("device-error"));
  t.same(hsm.faults(), ["key-not-written"]);
  t.same(await hsm.partition.tokenKeys(), []);
  t.equal(keyFiles().length, files);
  await hsm.shim.follow({ target: "C_GenerateKey", action: "lie", times: 1 });
  const wrapped = hsm.partition.generateSecret({ ...place("wrapped"), keyType: "aes", bits: 256 });
  t.equal((await wrapped).material.length, 40, "a session object that is not there is made again");
});

t.test("a key whose file was cut short is missing, and no other is", async (t) => {
  const before = new Set(keyFiles());
  const inToken = await makeInToken();
  const [file = ""] = keyFiles().filter((path) => !before.has(path));
  const whole = readFileSync(file);
  const other = await makeInToken();
  await hsm.engine.stopPartition(hsm.options.tenantId);
  truncateSync(file, Math.floor(whole.length / 2));
  const again = hsm.engine.partition(hsm.options);
  const asked = again.encrypt(inToken, ECB, BLOCK);
  await t.rejects(asked, refusal("key-missing"));
  t.same(hsm.faults(), ["key-missing"]);
  t.match(hsm.reports, [{ on: "fault", fault: "key-missing", objectId: inToken.objectId, call: "encrypt" }]);
  t.equal((await again.encrypt(other, ECB, BLOCK)).data.length, 16);
  t.same((await again.encrypt(key, ECB, BLOCK)).data, expected);
  await again.destroyKey(other);
});

t.test("a token file that was cut short is put back, and that is reported", async (t) => {
  await hsm.engine.stopPartition(hsm.options.tenantId);
  const size = statSync(tokenFile(hsm)).size;
  truncateSync(tokenFile(hsm), 7);
  const again = hsm.engine.partition(hsm.options);
  t.same((await again.encrypt(key, ECB, BLOCK)).data, expected);
  t.same(hsm.faults(), ["token-restored"]);
  t.equal(statSync(tokenFile(hsm)).size, size);
});

t.test("a mechanism that the token lacks is unsupported, and the others go on", async (t) => {
  await hsm.shim.follow({ target: "any", action: "hide", value: CKM_AES_ECB });
  await t.rejects(encrypt(), refusal("unsupported"));
  t.same(hsm.faults(), ["mechanism-missing"]);
  const ctr = { name: "ctr", iv: Buffer.alloc(16), counterBits: 128 } as const;
  t.equal((await hsm.partition.encrypt(key, ctr, BLOCK)).data.length, 16);
  t.same(hsm.restarts(), []);
});

t.test("a PIN that the token refuses is tried once, and another at once", async (t) => {
  let pin = PIN;
  await hsm.engine.stopPartition(hsm.options.tenantId);
  const partition = hsm.engine.partition({ ...hsm.options, pin: async () => Buffer.from(pin) });
  await hsm.shim.follow({ target: "C_Login", action: "return", value: CKR_PIN_INCORRECT, times: 1 });
  const logins = hsm.shim.calls("C_Login");
  await t.rejects(partition.checkHealth(), refusal("unavailable"));
  t.same(hsm.faults(), ["pin-refused"]);
  for (let call = 0; call < 20; call += 1) {
    await t.rejects(partition.checkHealth(), refusal("unavailable"));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  t.equal(hsm.shim.calls("C_Login") - logins, 1, "this token does not count: the PIN is never tried again");
  pin = `${PIN}9`;
  await untilRefused(partition.checkHealth.bind(partition), 2);
  t.equal(hsm.shim.calls("C_Login") - logins, 2, "another PIN is tried");
  await hsm.engine.stopPartition(hsm.options.tenantId);
  await hsm.engine.partition(hsm.options).checkHealth();

  async function untilRefused(ask: () => Promise<void>, logged: number): Promise<void> {
    while (hsm.shim.calls("C_Login") - logins < logged) {
      await t.rejects(ask(), refusal("unavailable"));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});

t.test("a PIN that was refused is not tried by another process of the server either", async (t) => {
  await hsm.engine.stopPartition(hsm.options.tenantId);
  const refusedPinsFolder = join(t.testdir(), "refused-pins");
  const logger = silentLog();
  const engines = [createHsmEngine({ logger, refusedPinsFolder }), createHsmEngine({ logger, refusedPinsFolder })];
  t.teardown(() => Promise.all(engines.map((engine) => engine.stop())));
  const [one, another] = engines.map((engine) => engine.partition(hsm.options));
  await hsm.shim.follow({ target: "C_Login", action: "return", value: CKR_PIN_INCORRECT, times: 1 });
  const logins = hsm.shim.calls("C_Login");
  await t.rejects(async () => void (await one?.checkHealth()), refusal("unavailable"));
  while (!existsSync(join(refusedPinsFolder, hsm.options.tenantId))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await t.rejects(async () => void (await another?.checkHealth()), { message: /the token has refused this PIN/ });
  t.equal(hsm.shim.calls("C_Login") - logins, 1);
  hsm.engine.partition(hsm.options);
});

t.test("a PIN that a counting token has refused is tried again once the token says nothing of failures", async (t) => {
  await hsm.engine.stopPartition(hsm.options.tenantId);
  const wrong = hsm.engine.partition({ ...hsm.options, pin: async () => Buffer.from("00000000") });
  const logins = hsm.shim.calls("C_Login");
  for (let call = 0; call < 10; call += 1) {
    await t.rejects(wrong.checkHealth(), refusal("unavailable"));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  t.equal(hsm.shim.calls("C_Login") - logins, 1);
  const other = createHsmEngine({ logger: silentLog() });
  t.teardown(() => other.stop());
  await other.partition(hsm.options).checkHealth();
  const since = hsm.shim.calls("C_Login");
  while (hsm.shim.calls("C_Login") === since) {
    await t.rejects(wrong.checkHealth(), refusal("unavailable"));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  t.equal(hsm.shim.calls("C_Login") - since, 1, "once");
  await hsm.engine.stopPartition(hsm.options.tenantId);
  await other.stop();
  hsm.engine.partition(hsm.options);
});

t.test("of two tokens in one module, neither partition can do anything with the keys of the other", async (t) => {
  const environment = { ...process.env, SOFTHSM2_CONF: join(hsm.folder, "softhsm2.conf") };
  const pins = ["--so-pin", "13579111", "--pin", PIN];
  execFileSync("softhsm2-util", ["--init-token", "--free", "--label", "second", ...pins], { env: environment });
  const token = { ...hsm.options, tokenLabel: "second", tokenSerial: "" };
  const { label, serial } = await hsm.engine.bindToken(token);
  const second = hsm.engine.partition({ ...token, tenantId: "second", tokenLabel: label, tokenSerial: serial });
  const inFirst = await makeInToken();
  const wrappedInSecond = await importSecret(second, "aes", "66".repeat(32));
  await t.rejects(second.encrypt(inFirst, ECB, BLOCK), refusal("key-missing"));
  await second.destroyKey(inFirst);
  t.equal((await encrypt(inFirst)).length, 16, "what the other destroys of it is not there for it");
  await t.rejects(encrypt(wrappedInSecond), refusal("damaged"));
  await t.rejects(second.encrypt(key, ECB, BLOCK), refusal("damaged"));
  await t.rejects(second.exportKey(key), refusal("damaged"));
  t.same(hsm.faults().sort(), ["key-damaged", "key-missing"]);
  t.equal((await second.encrypt(wrappedInSecond, ECB, BLOCK)).data.length, 16);
  t.same(await second.tokenKeys(), []);
  t.equal((await hsm.partition.tokenKeys()).length, 1);
  await hsm.engine.stopPartition("second");
  await hsm.partition.destroyKey(inFirst);
});

import { pino } from "pino";
import t from "tap";
import { createHsmEngine } from "#src/crypto/pkcs11/engine.js";
import type { KeyReference } from "#src/crypto/port.js";
import { fastWorker, signalWorker, untilAvailable } from "#test/support/hsm-faults.js";
import { startSoftHsm } from "#test/support/softhsm.js";
import { importSecret, place, referenceTo, refusal } from "./contract/keys.js";

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 5);

t.test("a worker killed under load is replaced, and every call that can be repeated is answered", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const key = await importSecret(hsm.partition, "aes", "12".repeat(32));
  const expected = (await hsm.partition.encrypt(key, ECB, BLOCK)).data;
  let answered = 0;
  const load = Array.from({ length: 32 }, async () => {
    for (let call = 0; call < 100; call += 1) {
      const { data } = await hsm.partition.encrypt(key, ECB, BLOCK);
      answered += data.equals(expected) ? 1 : 0;
    }
  });
  const killing = (async () => {
    while (answered < 500) {
      await new Promise(setImmediate);
    }
    signalWorker(hsm.engine, "SIGKILL");
  })();
  await Promise.all([...load, killing]);
  t.equal(answered, 3200);
  t.equal(fastWorker(hsm.engine)?.restarts, 1);
});

t.test("a key being made in the token while the worker dies is not made twice: the caller is told", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  await hsm.partition.checkHealth();
  signalWorker(hsm.engine, "SIGSTOP");
  const making = hsm.partition.generateSecret({ ...place("token"), keyType: "aes", bits: 256 });
  setTimeout(() => signalWorker(hsm.engine, "SIGKILL"), 50);
  await t.rejects(making, refusal("unavailable"));
  t.same(await hsm.partition.tokenKeys(), []);
});

t.test("a worker that hangs is killed at its deadline, and the other partition does not notice", async (t) => {
  const hsm = await startSoftHsm({ callTimeoutMilliseconds: 5000 });
  t.teardown(() => hsm.close());
  const other = await hsm.another("tenant-2");
  await Promise.all([hsm.partition.checkHealth(), other.checkHealth()]);
  signalWorker(hsm.engine, "SIGSTOP");
  const hung = hsm.partition.random(8);
  let others = 0;
  let waiting = true;
  const working = (async () => {
    while (waiting) {
      await other.random(8);
      others += 1;
    }
  })();
  t.equal((await hung).length, 8, "the call is repeated on the new worker");
  waiting = false;
  await working;
  t.ok(others > 10);
  t.equal(hsm.engine.status().find((one) => one.tenantId === "tenant-2")?.workers[0]?.restarts, 0);
});

t.test("a key wrapped under another partition's key-encryption key is damaged, not decrypted", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const other = await hsm.another("tenant-2");
  const foreign = await importSecret(other, "aes", "66".repeat(32));
  await t.rejects(hsm.partition.encrypt(foreign, ECB, BLOCK), refusal("damaged"));
  await t.rejects(hsm.partition.exportKey(foreign), refusal("damaged"));
  const stored = await other.generateSecret({ ...place("token"), keyType: "aes", bits: 128 });
  const inOther = referenceTo(stored, "aes", "secret", "token");
  await t.rejects(hsm.partition.encrypt(inOther, ECB, BLOCK), refusal("key-missing"));
  t.equal((await other.encrypt(inOther, ECB, BLOCK)).data.length, 16);
});

t.test("everything is found after all workers were restarted", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const wrapped = await importSecret(hsm.partition, "aes", "31".repeat(32));
  const algorithm = { keyType: "ec", curve: "P-256" } as const;
  const pair = await hsm.partition.generatePair({ ...place("token"), algorithm });
  const inToken = referenceTo(pair.privateKey, "ec", "private", "token");
  const mac = await hsm.partition.authenticate(BLOCK);
  const sealed = await hsm.partition.seal(Buffer.from("a PIN"), "tenant-2");
  const publicKey = await hsm.partition.checkpointPublicKey();
  await hsm.engine.stopPartition(hsm.options.tenantId);
  const again = hsm.engine.rootPartition(hsm.options);
  t.equal((await again.exportKey(wrapped)).toString("hex"), "31".repeat(32));
  t.ok((await again.sign(inToken, { name: "ecdsa", hash: "sha256" }, BLOCK)).length > 60);
  t.same(await again.authenticate(BLOCK), mac);
  t.equal((await again.unseal(sealed, "tenant-2")).toString(), "a PIN");
  t.same(await again.checkpointPublicKey(), publicKey);
});

t.test("no key of the token whose making was answered is lost, however often the worker is killed", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const answered: KeyReference[] = [];
  let kills = 0;
  for (let round = 0; round < 60 && (kills < 6 || answered.length < 10); round += 1) {
    const making = hsm.partition.generateSecret({ ...place("token"), keyType: "aes", bits: 128 });
    if (round % 3 === 2) {
      await new Promise((resolve) => setTimeout(resolve, 2 * round));
      if (fastWorker(hsm.engine)?.state === "ready") {
        signalWorker(hsm.engine, "SIGKILL");
        kills += 1;
      }
    }
    const [outcome] = await Promise.allSettled([making]);
    if (outcome.status === "fulfilled") {
      answered.push(referenceTo(outcome.value, "aes", "secret", "token"));
    }
  }
  t.ok(kills >= 6 && answered.length >= 10, `${answered.length} answered, ${kills} kills`);
  await untilAvailable(hsm.partition);
  for (const key of answered) {
    t.equal((await hsm.partition.encrypt(key, ECB, BLOCK)).data.length, 16);
  }
});

t.test("a key destroyed by one worker is missing in the other, which had it open", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const elsewhere = createHsmEngine({ logger: pino({ level: "silent" }) });
  t.teardown(() => elsewhere.stop());
  const other = elsewhere.partition(hsm.options);
  const stored = await hsm.partition.generateSecret({ ...place("token"), keyType: "aes", bits: 128 });
  const key = referenceTo(stored, "aes", "secret", "token");
  await other.encrypt(key, ECB, BLOCK);
  await hsm.partition.destroyKey(key);
  await t.rejects(other.encrypt(key, ECB, BLOCK), refusal("key-missing"));
});

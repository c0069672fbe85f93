import { pino } from "pino";
import t from "tap";
import { createHsmEngine, type HsmEngine } from "#src/crypto/pkcs11/engine.js";
import type { WorkerStatus } from "#src/crypto/pkcs11/supervision.js";
import { startSoftHsm } from "#test/support/softhsm.js";
import { importSecret, nextKeyEncryptionKey, place, referenceTo, refusal } from "./contract/keys.js";

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 5);

function readyWorkers(engine: HsmEngine, tenantId = "tenant-1"): WorkerStatus[] {
  const workers = engine.status().find((one) => one.tenantId === tenantId)?.workers ?? [];
  return workers.filter(({ role, state }) => role === "fast" && state === "ready");
}

/** Keeps calls piled up at a partition until it has so many workers. */
async function crowd(engine: HsmEngine, call: () => Promise<unknown>, workers: number): Promise<void> {
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      do await call();
      while (readyWorkers(engine).length < workers);
    }),
  );
}

t.test("a partition gets as many workers as it may have while calls pile up, and every call is answered", async (t) => {
  const hsm = await startSoftHsm({ workersPerPartition: 3 });
  t.teardown(() => hsm.close());
  const key = await importSecret(hsm.partition, "aes", "12".repeat(32));
  const expected = (await hsm.partition.encrypt(key, ECB, BLOCK)).data;
  t.equal(readyWorkers(hsm.engine).length, 1, "one worker is enough for one call at a time");
  let wrong = 0;
  const askAndCompare = async (): Promise<void> => {
    const { data } = await hsm.partition.encrypt(key, ECB, BLOCK);
    if (!data.equals(expected)) wrong += 1;
  };
  await crowd(hsm.engine, askAndCompare, 3);
  t.equal(wrong, 0);
  await Promise.all(Array.from({ length: 64 }, () => hsm.partition.encrypt(key, ECB, BLOCK)));
  t.equal(readyWorkers(hsm.engine).length, 3);
});

t.test("a destroyed key is gone from every worker of its partition at once", async (t) => {
  const hsm = await startSoftHsm({ workersPerPartition: 2 });
  t.teardown(() => hsm.close());
  const wrapped = await importSecret(hsm.partition, "aes", "13".repeat(32));
  const before = await hsm.engine.sessionObjects("tenant-1");
  const stored = await hsm.partition.generateSecret({ ...place("token"), keyType: "aes", bits: 128 });
  const inToken = referenceTo(stored, "aes", "secret", "token");
  await crowd(
    hsm.engine,
    async () => {
      await hsm.partition.encrypt(wrapped, ECB, BLOCK);
      await hsm.partition.encrypt(inToken, ECB, BLOCK);
    },
    2,
  );
  const use = () => Promise.allSettled(Array.from({ length: 16 }, () => hsm.partition.encrypt(inToken, ECB, BLOCK)));
  t.ok((await use()).every(({ status }) => status === "fulfilled"));
  await Promise.all(Array.from({ length: 16 }, () => hsm.partition.encrypt(wrapped, ECB, BLOCK)));
  t.equal(await hsm.engine.sessionObjects("tenant-1"), before + 2, "both workers have the wrapped key open");
  await hsm.partition.destroyKey(wrapped);
  t.equal(await hsm.engine.sessionObjects("tenant-1"), before);
  await hsm.partition.destroyKey(inToken);
  for (const outcome of await use()) {
    t.match(outcome, { status: "rejected", reason: refusal("key-missing") });
  }
});

t.test("what two processes make in a token at the same moment, both of them find", async (t) => {
  const hsm = await startSoftHsm();
  const other = createHsmEngine({ logger: pino({ level: "silent" }) });
  t.teardown(async () => {
    await other.stop();
    await hsm.close();
  });
  const partitions = [hsm.partition, other.partition({ ...hsm.options, tenantId: "the same token" })] as const;
  for (let round = 0; round < 20; round += 1) {
    const made = await Promise.all(
      partitions.map((partition) => partition.generateSecret({ ...place("token"), keyType: "aes", bits: 128 })),
    );
    const used = [...made]
      .reverse()
      .map((key, index) => partitions[index]?.encrypt(referenceTo(key, "aes", "secret", "token"), ECB, BLOCK));
    t.ok((await Promise.all(used)).every((encrypted) => encrypted?.data.length === BLOCK.length));
  }
  // SoftHSM now and then reads a file that the other process is writing; a new worker reads it whole.
  const failures = hsm.engine
    .status()
    .flatMap(({ workers }) => workers.flatMap(({ restarts, lastFailure }) => (restarts > 0 ? [lastFailure] : [])));
  t.ok(failures.length <= 2 && failures.every((failure) => failure === "CKR_GENERAL_ERROR"), failures.join());
});

t.test("the key of an object that is forgotten is opened anew by every worker", async (t) => {
  const hsm = await startSoftHsm({ workersPerPartition: 2 });
  t.teardown(() => hsm.close());
  const key = await importSecret(hsm.partition, "aes", "14".repeat(32));
  const before = await hsm.engine.sessionObjects("tenant-1");
  await crowd(hsm.engine, () => hsm.partition.encrypt(key, ECB, BLOCK), 2);
  await Promise.all(Array.from({ length: 16 }, () => hsm.partition.encrypt(key, ECB, BLOCK)));
  await hsm.partition.forget(key.objectId);
  t.equal(await hsm.engine.sessionObjects("tenant-1"), before);
  t.equal((await hsm.partition.encrypt(key, ECB, BLOCK)).data.length, 16);
});

t.test("all parts of a stream go to the worker that has it, however busy the others are", async (t) => {
  const hsm = await startSoftHsm({ workersPerPartition: 3 });
  t.teardown(() => hsm.close());
  const key = await importSecret(hsm.partition, "aes", "15".repeat(32));
  await crowd(hsm.engine, () => hsm.partition.encrypt(key, ECB, BLOCK), 3);
  const whole = (await hsm.partition.encrypt(key, ECB, Buffer.alloc(64, 5))).data;
  const names = Array.from({ length: 12 }, (_, index) => `stream ${index}`);
  const outputs = await Promise.all(
    names.map(async (name) => {
      await hsm.partition.openStream(name, { kind: "encrypt", key, specification: ECB });
      const parts: Buffer[] = [];
      for (let part = 0; part < 4; part += 1) parts.push(await hsm.partition.updateStream(name, BLOCK));
      parts.push(await hsm.partition.finishStream(name));
      return Buffer.concat(parts);
    }),
  );
  for (const output of outputs) t.same(output, whole);
  await t.rejects(hsm.partition.updateStream("stream 0", BLOCK), refusal("stream-lost"));
});

t.test("a new key-encryption key is used by every worker from the moment its number is given", async (t) => {
  const hsm = await startSoftHsm({ workersPerPartition: 2 });
  t.teardown(() => hsm.close());
  const make = () => hsm.partition.generateSecret({ ...place("wrapped"), keyType: "aes", bits: 256 });
  await crowd(hsm.engine, make, 2);
  const version = await nextKeyEncryptionKey(hsm.partition);
  const made = await Promise.all(Array.from({ length: 16 }, make));
  t.ok(made.every(({ keyEncryptionKeyVersion }) => keyEncryptionKeyVersion === version));
});

t.test("a partition with several workers gives one up for a partition that has none", async (t) => {
  const hsm = await startSoftHsm({ workersPerPartition: 3, workersMax: 3 });
  t.teardown(() => hsm.close());
  const other = await hsm.another("tenant-2");
  const key = await importSecret(hsm.partition, "aes", "16".repeat(32));
  let answered = 0;
  let working = true;
  const load = Array.from({ length: 16 }, async () => {
    while (working) {
      await hsm.partition.encrypt(key, ECB, BLOCK);
      answered += 1;
    }
  });
  while (readyWorkers(hsm.engine).length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  t.equal((await other.random(8)).length, 8);
  t.equal(readyWorkers(hsm.engine).length, 2);
  working = false;
  await Promise.all(load);
  t.ok(answered > 0, "no call of the busy partition failed");
});

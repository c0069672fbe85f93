import { randomBytes } from "node:crypto";
import t from "tap";
import type { KeyReference } from "#src/crypto/port.js";
import { fastWorker } from "#test/support/hsm-faults.js";
import { startSoftHsm } from "#test/support/softhsm.js";
import { importSecret, newObjectId, refusal } from "./contract/keys.js";

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 5);

t.test("a call beyond the queue limit is refused as overloaded", async (t) => {
  const hsm = await startSoftHsm({ queueLimit: 8 });
  t.teardown(() => hsm.close());
  const calls = Array.from({ length: 12 }, () => hsm.partition.random(8));
  const settled = await Promise.allSettled(calls);
  const refused = settled.filter((one) => one.status === "rejected");
  t.equal(refused.length, 4);
  t.match(refused[0], { reason: refusal("overloaded") });
});

t.test("10,000 wrapped keys in turn leave no more session objects than the cache may hold", async (t) => {
  const hsm = await startSoftHsm({ handleLimit: 32 });
  t.teardown(() => hsm.close());
  const keys: KeyReference[] = [];
  for (let made = 0; made < 50; made += 1) {
    keys.push(await importSecret(hsm.partition, "aes", randomBytes(32).toString("hex")));
  }
  const before = fastWorker(hsm.engine)?.residentBytes ?? 0;
  let done = 0;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (done < 10_000) {
        const key = keys[done % keys.length];
        done += 1;
        if (key !== undefined) {
          await hsm.partition.encrypt({ ...key, objectId: newObjectId() }, ECB, BLOCK);
        }
      }
    }),
  );
  const grown = (fastWorker(hsm.engine)?.residentBytes ?? 0) - before;
  t.ok(grown < 64 * 1024 * 1024, `grown by ${grown} bytes`);
  t.ok((await hsm.engine.sessionObjects(hsm.options.tenantId)) <= 32);
});

t.test("a key that is read often stays open to be read, until it is forgotten or may not leave any more", async (t) => {
  const hsm = await startSoftHsm({});
  t.teardown(() => hsm.close());
  const objects = () => hsm.engine.sessionObjects(hsm.options.tenantId);
  const hex = randomBytes(32).toString("hex");
  const key = await importSecret(hsm.partition, "aes", hex);
  await hsm.partition.encrypt(key, ECB, BLOCK);
  const opened = await objects();
  for (let time = 0; time < 3; time += 1) t.equal((await hsm.partition.exportKey(key)).toString("hex"), hex);
  t.equal(await objects(), opened + 1);
  await hsm.partition.encrypt({ ...key, confined: true }, ECB, BLOCK);
  t.equal(await objects(), opened);
  await t.rejects(hsm.partition.exportKey({ ...key, confined: true }), refusal("not-extractable"));
  t.equal((await hsm.partition.exportKey(key)).toString("hex"), hex);
  await hsm.partition.forget(key.objectId);
  t.equal(await objects(), opened - 1);
});

t.test("a worker that nobody uses is stopped, and starts again at the next call", async (t) => {
  const hsm = await startSoftHsm({ idleStopSeconds: 1 });
  t.teardown(() => hsm.close());
  await hsm.partition.random(8);
  while (fastWorker(hsm.engine)?.state !== "stopped") {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  t.equal((await hsm.partition.random(8)).length, 8);
  t.equal(fastWorker(hsm.engine)?.restarts, 0, "that is no restart");
});

t.test("with room for one worker, partitions take turns", async (t) => {
  const hsm = await startSoftHsm({ workersMax: 1 });
  t.teardown(() => hsm.close());
  const other = await hsm.another("tenant-2");
  for (let turn = 0; turn < 2; turn += 1) {
    t.equal((await hsm.partition.random(8)).length, 8);
    t.equal((await other.random(8)).length, 8);
    const running = hsm.engine.status().flatMap((one) => one.workers.filter((worker) => worker.state === "ready"));
    t.equal(running.length, 1);
  }
});

t.test("a worn worker is drained and replaced without a failed call", async (t) => {
  const hsm = await startSoftHsm({ operationLimit: 200 });
  t.teardown(() => hsm.close());
  await hsm.partition.checkHealth();
  const first = fastWorker(hsm.engine)?.processId;
  const settled = await Promise.allSettled(Array.from({ length: 500 }, () => hsm.partition.random(8)));
  t.equal(settled.filter((one) => one.status === "fulfilled").length, 500);
  t.not(fastWorker(hsm.engine)?.processId, first);
  t.equal(fastWorker(hsm.engine)?.restarts, 0);
});

t.test("large data pass in many calls at once, and more than a call may carry is refused", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const key = await importSecret(hsm.partition, "aes", "41".repeat(32));
  const ctr = { name: "ctr", iv: Buffer.alloc(16), counterBits: 128 } as const;
  const data = Buffer.alloc(3 * 1024 * 1024, 1);
  const all = await Promise.all(Array.from({ length: 24 }, () => hsm.partition.encrypt(key, ctr, data)));
  t.ok(all.every((one) => one.data.length === data.length));
  t.equal((await hsm.partition.encrypt(key, ctr, Buffer.alloc(32 * 1024 * 1024))).data.length, 32 * 1024 * 1024);
  for (const megabytes of [33, 40, 70]) {
    const tooMuch = Buffer.alloc(megabytes * 1024 * 1024);
    await t.rejects(hsm.partition.encrypt(key, ctr, tooMuch), refusal("invalid-data"), `${megabytes} MiB`);
  }
  t.equal(fastWorker(hsm.engine)?.restarts, 0);
});

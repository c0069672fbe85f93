import t from "tap";
import { startFaultyHsm } from "#test/support/faulty-hsm.js";
import { importSecret, refusal } from "./contract/keys.js";

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 5);

t.test("a device that is too slow refuses what does not fit into the queue, and what waits too long", async (t) => {
  const hsm = await startFaultyHsm({ queueLimit: 8, callTimeoutMilliseconds: 2000 });
  t.teardown(() => hsm.close());
  await hsm.partition.random(8);
  await hsm.shim.follow({ target: "C_GenerateRandom", action: "delay", value: 300_000 });
  const calls = Array.from({ length: 12 }, () => hsm.partition.random(8));
  const settled = await Promise.allSettled(calls);
  t.equal(
    settled.filter(({ status }) => status === "fulfilled").length,
    8,
    "together they take longer than one may: a slow device is no hang",
  );
  t.match(settled.at(-1), { reason: refusal("overloaded") });
  t.same(hsm.faults(), ["overloaded"]);
  t.same(
    hsm.reports.filter((one) => one.on === "refusal"),
    Array.from({ length: 4 }, () => ({ on: "refusal", why: "queue", count: 1 })),
  );
});

t.test("calls that wait too long for a worker are refused", async (t) => {
  const hsm = await startFaultyHsm({ waitTimeoutMilliseconds: 300, callTimeoutMilliseconds: 250 });
  t.teardown(() => hsm.close());
  await hsm.shim.follow({ target: "C_Login", action: "delay", value: 1_500_000 });
  await t.rejects(hsm.partition.random(8), { ...refusal("unavailable"), message: /no worker was free for random/ });
  t.same(hsm.faults(), ["overloaded"]);
  t.match(hsm.reports, [{ on: "fault" }, { on: "refusal", why: "wait", count: 1 }]);
});

t.test("without a module there is no partition, and the reason is told", async (t) => {
  const hsm = await startFaultyHsm();
  t.teardown(() => hsm.close());
  const module = { path: "/nonexistent/module.so" };
  const partition = hsm.engine.partition({ ...hsm.options, tenantId: "tenant-3", module });
  await t.rejects(partition.checkHealth(), { ...refusal("unavailable"), message: /no PKCS#11 module at/ });
  t.same(hsm.faults(), ["worker-not-opened"]);
  t.same([...new Set(hsm.restarts())], ["not-opened"]);
});

t.test("a worker that has done its share is replaced, which is no fault", async (t) => {
  const hsm = await startFaultyHsm({ operationLimit: 50 });
  t.teardown(() => hsm.close());
  const calls = Array.from({ length: 120 }, () => hsm.partition.random(8));
  t.equal((await Promise.all(calls)).length, 120);
  t.same(hsm.faults(), []);
  t.same([...new Set(hsm.restarts())], ["worn"]);
});

t.test("a partition whose checks fail is unhealthy, and healthy again after three good ones", async (t) => {
  const hsm = await startFaultyHsm({ healthIntervalMilliseconds: 50 });
  t.teardown(() => hsm.close());
  const key = await importSecret(hsm.partition, "aes", "12".repeat(32));
  await hsm.shim.follow({ target: "C_FindObjects", action: "empty" });
  const health = () => hsm.reports.flatMap((one) => (one.on === "health" ? [one.healthy] : []));
  while (health().length < 1) await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(hsm.engine.status()[0]?.healthy, false);
  await hsm.shim.follow();
  while (health().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  t.same(health(), [false, true], "nobody had to ask for it");
  t.equal((await hsm.partition.encrypt(key, ECB, BLOCK)).data.length, 16);
});

import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { startFaultyHsm, untilAnswered } from "#test/support/faulty-hsm.js";
import { SOFTHSM_MODULE } from "#test/support/softhsm.js";
import { importSecret, place, refusal } from "./contract/keys.js";

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 5);

t.test("a module that crashes costs its partition a worker, and the call is answered by the next", async (t) => {
  const hsm = await startFaultyHsm();
  t.teardown(() => hsm.close());
  const key = await importSecret(hsm.partition, "aes", "12".repeat(32));
  const expected = (await hsm.partition.encrypt(key, ECB, BLOCK)).data;
  await hsm.shim.follow({ target: "C_Encrypt", action: "crash", times: 1 });
  t.same((await hsm.partition.encrypt(key, ECB, BLOCK)).data, expected);
  t.same(hsm.faults(), ["worker-crashed"]);
  t.ok(hsm.reports.some((one) => one.on === "fault" && one.message.includes("SIGSEGV")));
  t.same(hsm.restarts(), ["crashed"]);
  t.equal(hsm.retries("worker"), 1);
});

t.test("a key being made in the token when the module crashes is refused, not made twice", async (t) => {
  const hsm = await startFaultyHsm();
  t.teardown(() => hsm.close());
  await hsm.partition.checkHealth();
  await hsm.shim.follow({ target: "C_GenerateKey", action: "crash", times: 1 });
  const making = hsm.partition.generateSecret({ ...place("token"), keyType: "aes", bits: 128 });
  await t.rejects(making, refusal("unavailable"));
  t.same(await untilAnswered(() => hsm.partition.tokenKeys()), []);
});

t.test("a module that crashes at every call of one kind opens the circuit of its partition alone", async (t) => {
  const hsm = await startFaultyHsm();
  t.teardown(() => hsm.close());
  const other = await hsm.another("tenant-2", { path: SOFTHSM_MODULE });
  await Promise.all([hsm.partition.checkHealth(), other.checkHealth()]);
  await hsm.shim.follow({ target: "C_GenerateRandom", action: "crash" });
  while (hsm.engine.status()[0]?.circuitOpen !== true) {
    await t.rejects(hsm.partition.random(8), refusal("unavailable"));
    t.equal((await other.random(8)).length, 8);
  }
  t.same(hsm.faults(), ["worker-crashed"]);
  t.same(
    hsm.reports.filter((one) => one.on === "circuit").map((one) => one.on === "circuit" && one.open),
    [true],
  );
  await hsm.shim.follow();
  t.equal((await untilAnswered(() => hsm.partition.random(8))).length, 8, "it is back without a restart");
  t.equal(hsm.engine.status()[0]?.circuitOpen, false);
});

t.test("a module that hangs is ended at the deadline of the call, while the other partition goes on", async (t) => {
  const hsm = await startFaultyHsm({ callTimeoutMilliseconds: 1200 });
  t.teardown(() => hsm.close());
  const other = await hsm.another("tenant-2", { path: SOFTHSM_MODULE });
  const key = await importSecret(hsm.partition, "aes", "12".repeat(32));
  const expected = (await hsm.partition.encrypt(key, ECB, BLOCK)).data;
  await other.checkHealth();
  await hsm.shim.follow({ target: "C_Encrypt", action: "hang", times: 1 });
  const since = performance.now();
  const hung = hsm.partition.encrypt(key, ECB, BLOCK);
  const waiting = Array.from({ length: 20 }, () => hsm.partition.encrypt(key, ECB, BLOCK));
  let isOver = false;
  let others = 0;
  const working = (async () => {
    while (!isOver) {
      await other.random(8);
      others += 1;
    }
  })();
  for (const answer of [hung, ...waiting]) t.same((await answer).data, expected, "all are answered");
  t.comment(`the hang cost ${Math.round(performance.now() - since)} ms`);
  isOver = true;
  await working;
  t.ok(others > 100, `${others} calls of the other partition meanwhile`);
  t.same(hsm.faults(), ["worker-hung"]);
  t.match(hsm.reports, [{ on: "fault", fault: "worker-hung", call: "encrypt" }]);
  t.same(hsm.restarts(), ["hung"]);
});

t.test("with several workers, a hang of one does not keep the partition from answering", async (t) => {
  const hsm = await startFaultyHsm({ workersPerPartition: 2, callTimeoutMilliseconds: 5000 });
  t.teardown(() => hsm.close());
  await hsm.shim.follow({ target: "C_GenerateRandom", action: "delay", value: 20_000 });
  const opened = () => hsm.engine.status()[0]?.workers.filter(({ state }) => state === "ready").length ?? 0;
  while (opened() < 2) await Promise.all(Array.from({ length: 8 }, () => hsm.partition.random(8)));
  // A canary would be what hangs, or what the hanging call stands behind.
  const busy = () => hsm.engine.status()[0]?.workers.some(({ waiting, underWay }) => waiting + underWay > 0) ?? true;
  while (busy()) await pause(5);
  await hsm.shim.follow({ target: "C_GenerateRandom", action: "hang", times: 1 });
  let isHung = true;
  const hung = hsm.partition.random(8).finally(() => {
    isHung = false;
  });
  await pause(200);
  await Promise.all(Array.from({ length: 8 }, () => hsm.partition.random(8)));
  t.ok(isHung, "calls that come together go past the worker that says nothing");
  let answered = 0;
  while (isHung && answered < 50) {
    await hsm.partition.random(8);
    answered += 1;
  }
  t.equal(answered, 50, "while one worker hangs");
  t.equal((await hung).length, 8, "and the call that hung is repeated");
  t.same(hsm.faults(), ["worker-hung"]);
});

t.test("a module that hangs while it is opened is given up, and opened anew", async (t) => {
  const hsm = await startFaultyHsm({ startTimeoutMilliseconds: 1500 });
  t.teardown(() => hsm.close());
  await hsm.shim.follow({ target: "C_Login", action: "hang", times: 1 });
  t.equal((await hsm.partition.random(8)).length, 8);
  t.same(hsm.faults(), ["worker-hung"]);
  t.match(hsm.reports, [{ on: "fault", fault: "worker-hung", call: "open" }]);
});

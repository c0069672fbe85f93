import t from "tap";
import { Pkcs11Shim } from "#test/support/pkcs11-shim.js";
import { startSoftHsm } from "#test/support/softhsm.js";
import { importSecret } from "./contract/keys.js";

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 5);

t.test("the test double forwards calls, and counts them, sessions and session objects", async (t) => {
  const shim = await Pkcs11Shim.start();
  t.teardown(() => shim.remove());
  const hsm = await startSoftHsm({}, shim.module);
  t.teardown(() => hsm.close());
  const key = await importSecret(hsm.partition, "aes", "12".repeat(32));
  const before = shim.calls("C_Encrypt");
  for (let call = 0; call < 10; call += 1) await hsm.partition.encrypt(key, ECB, BLOCK);
  t.equal(shim.calls("C_Encrypt") - before, 10);
  const processId = hsm.engine.status()[0]?.workers[0]?.processId;
  const worker = shim.counters().find((one) => one.processId === processId);
  t.equal(worker?.sessions, 2, "one that holds the login and one for operations");
  t.equal(worker?.sessionObjects, await hsm.engine.sessionObjects("tenant-1"));
  t.ok((worker?.sessionObjects ?? 0) >= 1, "the key that was used stays open");
  t.equal(worker?.faults, 0);
});

t.test("rules meet the calls they are for, as often as they say, whichever process makes them", async (t) => {
  const shim = await Pkcs11Shim.start();
  t.teardown(() => shim.remove());
  const hsm = await startSoftHsm({}, shim.module);
  t.teardown(() => hsm.close());
  await hsm.partition.random(8);
  await shim.follow({ target: "C_GenerateRandom", action: "return", value: 0x05, skip: 2, times: 1 });
  const outcomes = [];
  for (let call = 0; call < 4; call += 1)
    outcomes.push((await Promise.allSettled([hsm.partition.random(8)]))[0]?.status);
  t.same(outcomes, ["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  t.equal(shim.hits()[0], 4);
});

t.test("a delay is a sleep of the device, whose calls each take that long", async (t) => {
  const shim = await Pkcs11Shim.start();
  t.teardown(() => shim.remove());
  const hsm = await startSoftHsm({}, shim.module);
  t.teardown(() => hsm.close());
  await hsm.partition.random(8);
  await shim.follow({ target: "device", action: "delay", value: 20_000 });
  const since = performance.now();
  for (let call = 0; call < 10; call += 1) await hsm.partition.random(8);
  t.ok(performance.now() - since >= 200, "never shorter than it says");
});

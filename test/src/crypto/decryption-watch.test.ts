import { test } from "tap";
import { type DecryptionAlarm, DecryptionWatch } from "#src/crypto/decryption-watch.js";
import type { KeyReference } from "#src/crypto/port.js";
import { NoSiblings } from "#src/siblings/alone.js";
import type { Siblings } from "#src/siblings/siblings.js";
import { wiredSiblings } from "#test/support/siblings.js";

const minute = 60_000;

function watched(siblings: Siblings = new NoSiblings()) {
  const clock = { now: 1000 };
  const alarms: DecryptionAlarm[] = [];
  const counts = { failed: 0 };
  const watch = new DecryptionWatch({
    siblings,
    now: () => clock.now,
    failed: () => {
      counts.failed += 1;
    },
    alarm: (alarm) => void alarms.push(alarm),
  });
  return { watch, clock, alarms, counts };
}

const reference: KeyReference = {
  objectId: "key",
  custody: "wrapped",
  keyClass: "private",
  keyType: "rsa",
  material: Buffer.alloc(0),
  keyEncryptionKeyVersion: 1,
};

test("more than a hundred failures of a key in an hour raise an alarm, and each further hundred another", async (t) => {
  const { watch, alarms, counts } = watched();
  const tenant = watch.of("tenant", 0);
  for (let time = 0; time < 100; time += 1) tenant.count("key", 1);
  for (let time = 0; time < 100; time += 1) tenant.count("other key", 1);
  for (let time = 0; time < 100; time += 1) watch.of("other tenant", 0).count("key", 1);
  t.same(alarms, []);
  for (let time = 0; time < 500; time += 1) tenant.count("key", 0);
  t.same(alarms, [], "what went well counts for nothing");
  tenant.count("key", 1);
  t.same(alarms, [{ tenantId: "tenant", objectId: "key", failures: 101 }]);
  for (let time = 0; time < 100; time += 1) tenant.count("key", 1);
  t.same(
    alarms.map(({ failures }) => failures),
    [101, 201],
  );
  t.equal(counts.failed, 401);
});

test("failures that are spread over hours raise none, and after an hour of rest the alarm is raised anew", async (t) => {
  const { watch, clock, alarms } = watched();
  const tenant = watch.of("tenant", 0);
  for (let time = 0; time < 400; time += 1) {
    tenant.count("key", 1);
    clock.now += minute;
  }
  t.same(alarms, []);
  for (let time = 0; time < 101; time += 1) tenant.count("key", 1);
  t.equal(alarms.length, 1);
  clock.now += 61 * minute;
  for (let time = 0; time < 101; time += 1) tenant.count("key", 1);
  t.same(alarms.at(-1)?.failures, 101);
});

test("PKCS#1 v1.5 padding is taken off only where tenant and key say so, and so often in an hour", async (t) => {
  const { watch, clock } = watched();
  const key = { reference, namesPkcs1: true };
  t.throws(() => watch.of("tenant", 0).takePkcs1(key), /not taken off for this tenant/);
  const tenant = watch.of("tenant", 3);
  t.throws(() => tenant.takePkcs1({ ...key, namesPkcs1: false }), /do not name PKCS#1/);
  for (let time = 0; time < 3; time += 1) tenant.takePkcs1(key);
  t.throws(() => tenant.takePkcs1(key), /at most 3 times an hour/);
  tenant.takePkcs1({ ...key, reference: { ...reference, objectId: "other key" } });
  clock.now += 61 * minute;
  tenant.takePkcs1(key);
});

test("all processes of a server count together", async (t) => {
  const wired = await wiredSiblings(2);
  t.teardown(() => wired.finish());
  const [one, other] = wired.buses.map((bus) => watched(bus));
  if (one === undefined || other === undefined) throw new Error("two processes were wired");
  for (let time = 0; time < 60; time += 1) {
    one.watch.of("tenant", 100).count("key", 1);
    one.watch.of("tenant", 100).takePkcs1({ reference, namesPkcs1: true });
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let time = 0; time < 40; time += 1) {
    other.watch.of("tenant", 100).count("key", 1);
    other.watch.of("tenant", 100).takePkcs1({ reference, namesPkcs1: true });
  }
  t.same([...one.alarms, ...other.alarms], []);
  other.watch.of("tenant", 100).count("key", 1);
  t.equal(other.alarms[0]?.failures, 101);
  t.throws(() => other.watch.of("tenant", 100).takePkcs1({ reference, namesPkcs1: true }));
});

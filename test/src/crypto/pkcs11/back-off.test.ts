import t from "tap";
import { BackOff } from "#src/crypto/pkcs11/back-off.js";
import { PartitionHealth } from "#src/crypto/pkcs11/partition-health.js";
import { PinGuard } from "#src/crypto/pkcs11/pin-guard.js";
import { refusal } from "./contract/keys.js";

t.test("waits double from 0.1 s to 10 s, and success ends them", async (t) => {
  let time = 0;
  const backOff = new BackOff(() => time);
  const waits: number[] = [];
  for (let failure = 0; failure < 9; failure += 1) {
    backOff.failed("no token");
    waits.push(backOff.delay());
    time += backOff.delay();
  }
  t.same(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  backOff.failed("no token");
  backOff.succeeded();
  t.equal(backOff.delay(), 0);
  backOff.failed("no token");
  t.equal(backOff.delay(), 100);
});

t.test("the circuit opens at the third failure in a row and closes when its wait is over", async (t) => {
  let time = 0;
  const backOff = new BackOff(() => time);
  backOff.failed("one");
  backOff.failed("two");
  t.equal(backOff.open, false);
  backOff.failed("three");
  t.equal(backOff.open, true);
  t.equal(backOff.reason, "three");
  time += 400;
  t.equal(backOff.open, false);
});

t.test("a partition is unhealthy after two misses in a row and healthy after three successes in a row", async (t) => {
  const health = new PartitionHealth();
  const changes = (checks: readonly boolean[]) => checks.map((good) => health.note(good));
  t.same(changes([false, true, false]), [false, false, false]);
  t.equal(health.healthy, true);
  t.same(changes([false]), [true]);
  t.equal(health.healthy, false);
  t.same(changes([true, true, false, true, true, true]), [false, false, false, false, false, true]);
  t.equal(health.healthy, true);
});

t.test("a refused PIN waits five minutes, another PIN does not", async (t) => {
  let time = 0;
  const guard = new PinGuard(() => time);
  guard.trying(Buffer.from("one"));
  guard.refused();
  t.throws(() => guard.trying(Buffer.from("one")), refusal("unavailable"));
  guard.trying(Buffer.from("two"));
  time = 299_999;
  t.throws(() => guard.trying(Buffer.from("one")), refusal("unavailable"));
  time = 300_000;
  guard.trying(Buffer.from("one"));
});

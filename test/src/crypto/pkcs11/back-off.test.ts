import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { BackOff } from "#src/crypto/pkcs11/back-off.js";
import { PartitionHealth } from "#src/crypto/pkcs11/partition-health.js";
import { PinGuard } from "#src/crypto/pkcs11/pin-guard.js";
import { RefusedPinFile } from "#src/crypto/pkcs11/refused-pin-file.js";
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
  const observed: string[] = [];
  const observe = (open: boolean, reason: string) => observed.push(`${open ? "opened by" : "closed after"} ${reason}`);
  const backOff = new BackOff(() => time, observe);
  const fail = (reason: string) => {
    time += backOff.delay();
    backOff.failed(reason);
  };
  fail("one");
  fail("two");
  t.equal(backOff.open, false);
  fail("three");
  t.equal(backOff.open, true);
  t.equal(backOff.reason, "three");
  time += 400;
  t.equal(backOff.open, false);
  t.equal(backOff.tripped, true, "the next call is a trial");
  t.same(observed, ["opened by three"]);
  backOff.succeeded();
  t.equal(backOff.tripped, false);
  t.same(observed, ["opened by three", "closed after three"]);
});

t.test("workers of a partition that fail at the same time count as one failure", async (t) => {
  const backOff = new BackOff(() => 0);
  for (let worker = 0; worker < 16; worker += 1) backOff.failed(`worker ${worker}`);
  t.equal(backOff.open, false);
  t.equal(backOff.delay(), 100);
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

const one = async () => Buffer.from("one");

t.test("a refused PIN is remembered on disk, for other processes and the next start, and as a digest", async (t) => {
  const file = new RefusedPinFile(join(t.testdir(), "refused-pins", "tenant-1"));
  const guard = new PinGuard(file);
  await guard.trying(Buffer.from("one"));
  await guard.refused(false, one);
  const next = new PinGuard(file);
  await t.rejects(next.trying(Buffer.from("one")), { ...refusal("unavailable"), message: /remove .*tenant-1/ });
  t.equal(await next.trying(Buffer.from("two")), false);
  t.notOk(readFileSync(file.path).includes("one"));
  t.equal(statSync(file.path).mode & 0o777, 0o600);
  rmSync(file.path);
  t.equal(await new PinGuard(file).trying(Buffer.from("one")), false, "an operator has removed it");
});

t.test("what a token counts itself is not remembered on disk", async (t) => {
  const file = new RefusedPinFile(join(t.testdir(), "tenant-1"));
  const guard = new PinGuard(file);
  await guard.trying(Buffer.from("one"));
  await guard.refused(true, one);
  t.equal(await new PinGuard(file).trying(Buffer.from("one")), false);
});

t.test("a refused PIN is never tried again, another PIN is", async (t) => {
  const guard = new PinGuard();
  t.equal(await guard.trying(Buffer.from("one")), false);
  await guard.refused(false, one);
  await t.rejects(guard.trying(Buffer.from("one")), refusal("unavailable"));
  await t.rejects(guard.trying(Buffer.from("one")), refusal("unavailable"));
  t.equal(await guard.trying(Buffer.from("two")), false);
  await t.rejects(guard.trying(Buffer.from("one")), refusal("unavailable"));
});

t.test("where the token counts failures, a refused PIN may be offered with the word that it was refused", async (t) => {
  const guard = new PinGuard();
  t.equal(await guard.trying(Buffer.from("one")), false);
  await guard.refused(true, one);
  t.equal(await guard.trying(Buffer.from("one")), true);
  t.equal(await guard.trying(Buffer.from("two")), false);
});

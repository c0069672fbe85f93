import t from "tap";
import { CallQueue } from "#src/crypto/pkcs11/call-queue.js";
import type { AnswerMessage, FailureMessage } from "#src/crypto/pkcs11/messages.js";
import { refusal } from "./contract/keys.js";

const FATAL: FailureMessage = { code: "unavailable", message: "gone", returnValue: 0x30, restart: true };

function setUp() {
  let time = 0;
  const observed: string[] = [];
  const queue = new CallQueue(
    () => time,
    (method, latency, outcome) => observed.push(`${method} ${latency} ${outcome}`),
  );
  const ask = (repeatable: boolean, timeout = 1000, patience = timeout) =>
    new Promise<unknown>((resolve, reject) => {
      queue.push({ method: "random", args: [8], repeatable, timeout, patience, askedAt: time, resolve, reject });
    });
  return { queue, observed, ask, pass: (milliseconds: number) => (time += milliseconds) };
}

function answers(calls: readonly (readonly [number, ...unknown[]])[], failure: FailureMessage | null): AnswerMessage[] {
  return calls.map(([id]) => [id, failure, failure === null ? id : undefined]);
}

t.test("a worker gets at most 64 calls at a time, in the order they came", async (t) => {
  const { queue, ask } = setUp();
  const asked = Array.from({ length: 70 }, () => ask(true));
  const first = queue.take();
  t.equal(first.length, 64);
  t.equal(queue.take().length, 0);
  queue.settle(answers(first, null));
  const second = queue.take();
  t.same(
    second.map(([id]) => id),
    [65, 66, 67, 68, 69, 70],
  );
  queue.settle(answers(second, null));
  t.equal((await Promise.all(asked)).length, 70);
});

t.test("after a crash the suspects go one at a time, and the one that kills again is refused", async (t) => {
  const { queue, ask } = setUp();
  const asked = [ask(true), ask(true), ask(true)];
  queue.take();
  queue.lost("crash");
  t.same(
    queue.take().map(([id]) => id),
    [1],
  );
  queue.lost("crash again");
  await t.rejects(asked[0] ?? Promise.resolve(), refusal("unavailable"));
  const next = queue.take();
  t.same(
    next.map(([id]) => id),
    [2, 3],
    "the others were not under way the second time",
  );
  queue.settle(answers(next, null));
  t.same(await Promise.all(asked.slice(1)), [2, 3]);
});

t.test("what must not be done twice is refused at once when the worker goes away", async (t) => {
  const { queue, ask } = setUp();
  const once = ask(false);
  queue.take();
  queue.lost("crash");
  await t.rejects(once, { code: "unavailable", message: "crash" });
  t.equal(queue.size, 0);
});

t.test("a failure that asks for a new worker is repeated there once", async (t) => {
  const { queue, ask } = setUp();
  const asked = ask(true);
  t.equal(queue.settle(answers(queue.take(), FATAL)), true);
  queue.lost("replaced");
  t.equal(queue.settle(answers(queue.take(), FATAL)), true);
  await t.rejects(asked, { code: "unavailable", message: "gone", returnValue: 0x30 });
});

t.test("a call that waited too long is refused, one under way makes the worker stuck", async (t) => {
  const { queue, ask, pass, observed } = setUp();
  const underWay = ask(true, 5000);
  const calls = queue.take();
  const waiting = ask(true, 1000);
  pass(1001);
  queue.expire();
  await t.rejects(waiting, refusal("unavailable"));
  t.equal(queue.stuck(), null);
  pass(4000);
  t.equal(queue.stuck(), "random");
  queue.settle(answers(calls, null));
  t.equal(queue.stuck(), null);
  await underWay;
  t.same(observed, ["random 1001 unavailable", "random 5001 ok"]);
});

t.test("a call waits as long as its patience, however short its deadline is", async (t) => {
  const { queue, ask, pass } = setUp();
  const patient = ask(true, 100, 1000);
  pass(1000);
  t.equal(queue.expire(), 0);
  pass(1);
  t.equal(queue.expire(), 1);
  await t.rejects(patient, { code: "unavailable", message: /no worker was free for random in 1000 ms/ });
});

t.test("a worker that waits for a disk says so and is not stuck, until its next frame", async (t) => {
  const { queue, ask, pass } = setUp();
  const asked = ask(true, 1000);
  const calls = queue.take();
  queue.settle([], 5000);
  pass(6000);
  t.equal(queue.stuck(), null);
  pass(1);
  t.equal(queue.stuck(), "random");
  queue.settle([]);
  pass(1001);
  t.equal(queue.stuck(), "random");
  queue.settle(answers(calls, null));
  await asked;
});

t.test("an answer to no call is passed over", async (t) => {
  const { queue, ask } = setUp();
  const asked = ask(true);
  queue.take();
  queue.settle([[99, null, "nobody's"]]);
  queue.settle([[1, null, "mine"]]);
  t.equal(await asked, "mine");
});

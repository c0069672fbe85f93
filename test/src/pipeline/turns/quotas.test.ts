import t from "tap";
import { changedQuota, readQuota } from "#src/access/kept-quota.js";
import { quotaInWords, unlimited } from "#src/access/quota.js";
import { GrantedRates } from "#src/pipeline/turns/granted-rates.js";
import { PairMaking } from "#src/pipeline/turns/pair-making.js";
import { TokenBuckets } from "#src/pipeline/turns/token-bucket.js";
import { TurnRefusal } from "#src/pipeline/turns/turn-refusal.js";
import { NoSiblings } from "#src/siblings/alone.js";

t.test("a bucket gives what it holds at once, and then its rate", async (t) => {
  let now = 0;
  const buckets = new TokenBuckets(() => now);
  const rate = { perSecond: 2, atOnce: 4 };
  const given = (): number => Array.from({ length: 10 }).filter(() => buckets.take("a", rate)).length;
  t.equal(given(), 4);
  now += 1000;
  t.equal(given(), 2);
  now += 60_000;
  t.equal(given(), 4);
  buckets.owe("a", 3);
  now += 1500;
  t.equal(given(), 0);
});

t.test("a bucket holds for one key, and a new rate at once", async (t) => {
  const buckets = new TokenBuckets(() => 0);
  t.ok(buckets.take("a", { perSecond: 1, atOnce: 1 }));
  t.notOk(buckets.take("a", { perSecond: 1, atOnce: 1 }));
  t.ok(buckets.take("b", { perSecond: 1, atOnce: 1 }));
  t.ok(buckets.take("a", { perSecond: 5, atOnce: 5 }));
});

t.test("the quota of a client and that of its tenant are told apart", async (t) => {
  const rates = new GrantedRates(() => 0, new NoSiblings());
  const who = { tenant: "t", tenantName: "t", clientName: "c", tenantQuota: { requestsPerSecond: 2 } };
  const refusalOf = (client: string, clientQuota = {}): string | undefined => {
    try {
      rates.grantRequest({ ...who, client, clientQuota });
      return undefined;
    } catch (error) {
      return error instanceof TurnRefusal ? error.why : "something else";
    }
  };
  const bounded = { requestsPerSecond: 1 };
  t.same([refusalOf("x", bounded), refusalOf("x", bounded)], [undefined, undefined]);
  t.equal(refusalOf("x", bounded), "rate-of-client");
  t.same([refusalOf("y"), refusalOf("y"), refusalOf("y")], [undefined, undefined, "rate-of-tenant"]);
});

t.test("pairs are made a few at once, clients take turns, and who has most waiting is refused", async (t) => {
  const pairs = new PairMaking({ atOnce: 1, waiting: 3 });
  const order: string[] = [];
  const finish: (() => void)[] = [];
  const make = (client: string): Promise<void> =>
    pairs.inTurn({ tenant: "t", client }, () => {
      order.push(client);
      return new Promise((resolve) => finish.push(resolve));
    });
  const heavy = ["h", "h", "h", "h"].map(make);
  const fifth = make("h");
  await t.rejects(fifth, TurnRefusal.of("pairs"));
  const light = make("l");
  await t.rejects(heavy[3] ?? Promise.resolve(), TurnRefusal.of("pairs"));
  for (let round = 0; round < 4; round += 1) {
    finish.shift()?.();
    await new Promise(setImmediate);
  }
  await Promise.all([...heavy.slice(0, 3), light]);
  t.same(order, ["h", "h", "l", "h"]);
});

t.test("bounds are set and taken away one by one", async (t) => {
  const quota = changedQuota(unlimited, { requestsPerSecond: 5, keysPerMinute: 10 });
  t.same(changedQuota(quota, { requestsPerSecond: null, concurrentRequests: 2 }), {
    concurrentRequests: 2,
    keysPerMinute: 10,
  });
  t.equal(quotaInWords(quota), "requestsPerSecond 5, keysPerMinute 10");
  t.equal(quotaInWords(unlimited), "none");
  t.throws(() => changedQuota(unlimited, { requestsPerSecond: 0 }));
  t.same(readQuota(undefined), unlimited);
  t.throws(() => readQuota('{"requestsPerHour":1}'));
});

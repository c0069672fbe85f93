import t from "tap";
import type { Quota } from "#src/access/quota.js";
import { TurnRefusal } from "#src/pipeline/turns/turn-refusal.js";
import { type Asker, type Turn, type TurnLimits, Turns } from "#src/pipeline/turns/turns.js";

const limits: TurnLimits = {
  alone: 8,
  together: 4,
  least: 2,
  waiting: 10,
  waitingBytes: 1000,
  waitMilliseconds: 500,
};

function asker(tenant: string, client = "client", quota: { tenant?: Quota; client?: Quota } = {}): Asker {
  const { tenant: tenantQuota = {}, client: clientQuota = {} } = quota;
  return { tenant, tenantName: tenant, client, clientName: client, tenantQuota, clientQuota };
}

/** Turns with a clock of the test's, and the names of those whose turn has come. */
function turnsAt(given: Partial<TurnLimits> = {}) {
  let now = 0;
  const turns = new Turns({ ...limits, ...given }, () => now);
  const begun: { name: string; turn: Turn }[] = [];
  const refused: { name: string; why: string }[] = [];
  const ask = (name: string, who: Asker, more: { bytes?: number; isWanted?: () => boolean } = {}): void => {
    const caught = (error: unknown): void => {
      if (!(error instanceof TurnRefusal)) throw error;
      refused.push({ name, why: error.why });
    };
    try {
      const taken = turns.take({ asker: who, bytes: 10, ...more });
      if (taken instanceof Promise) taken.then((turn) => void begun.push({ name, turn }), caught);
      else begun.push({ name, turn: taken });
    } catch (error) {
      caught(error);
    }
  };
  const names = (): string[] => begun.map(({ name }) => name);
  const finish = async (name: string): Promise<void> => {
    begun.find((one) => one.name === name)?.turn.done();
    await new Promise(setImmediate);
  };
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  return { turns, ask, begun, refused, names, finish, pass };
}

t.test("a tenant alone has as many requests in work as there may be, and further ones wait", async (t) => {
  const { turns, ask, names, finish } = turnsAt();
  for (let index = 0; index < 10; index += 1) ask(`a${index}`, asker("a"));
  t.equal(names().length, 8);
  t.equal(turns.waiting, 2);
  await finish("a0");
  t.same(names().slice(8), ["a8"]);
  t.equal(turns.inWork, 8);
});

t.test("another tenant begins at once however much the first has in work and waiting", async (t) => {
  const { ask, names } = turnsAt();
  for (let index = 0; index < 15; index += 1) ask(`a${index}`, asker("a"));
  ask("b0", asker("b"));
  t.equal(names().at(-1), "b0");
});

t.test("while two ask, the one with much to do goes back to the room that is shared", async (t) => {
  const { turns, ask, names, finish } = turnsAt();
  for (let index = 0; index < 12; index += 1) ask(`a${index}`, asker("a"));
  ask("b0", asker("b"));
  for (let index = 0; index < 5; index += 1) await finish(`a${index}`);
  t.equal(names().length, 9, "nothing more of the first has begun");
  await finish("b0");
  await finish("a5");
  t.same(names().slice(9), ["a8", "a9"], "of the four that may be in work together, two were");
  t.equal(turns.inWork, 4);
});

t.test("a tenant that has stopped asking leaves the room to the other", async (t) => {
  const { ask, names, finish, pass } = turnsAt();
  ask("b0", asker("b"));
  await finish("b0");
  for (let index = 0; index < 6; index += 1) ask(`a${index}`, asker("a"));
  t.equal(names().length, 1 + 4);
  pass(1500);
  ask("a6", asker("a"));
  await finish("a0");
  t.equal(names().length, 1 + 7);
});

t.test("tenants and the clients of one take turns", async (t) => {
  const { ask, names, finish } = turnsAt({ alone: 1, together: 1, least: 1 });
  for (const name of ["x1", "x2", "x3"]) ask(name, asker("a", "x"));
  ask("y1", asker("a", "y"));
  for (const name of ["x1", "x2", "y1", "x3"]) await finish(name);
  t.same(names(), ["x1", "x2", "y1", "x3"]);
});

t.test("where no more may wait, the newest of who has most is refused, and who has little may wait", async (t) => {
  const { ask, refused, finish, names } = turnsAt({ alone: 1, together: 1, least: 1, waiting: 4 });
  for (let index = 0; index < 6; index += 1) ask(`a${index}`, asker("a"));
  await new Promise(setImmediate);
  t.same(refused, [{ name: "a5", why: "queue" }]);
  ask("b0", asker("b"));
  ask("b1", asker("b"));
  await new Promise(setImmediate);
  t.same(refused.at(-1), { name: "a4", why: "queue" });
  await finish("b0");
  t.ok(names().includes("b1"));
});

t.test("bytes that wait are bounded", async (t) => {
  const { ask, refused } = turnsAt({ alone: 1 });
  ask("a0", asker("a"));
  ask("a1", asker("a"), { bytes: 900 });
  ask("a2", asker("a"), { bytes: 200 });
  t.same(refused, [{ name: "a2", why: "queue" }]);
});

t.test("who waits too long is refused", async (t) => {
  const { turns, ask, refused, pass } = turnsAt({ alone: 1 });
  ask("a0", asker("a"));
  ask("a1", asker("a"));
  pass(600);
  await new Promise((resolve) => setTimeout(resolve, 250));
  t.same(refused, [{ name: "a1", why: "wait" }]);
  t.equal(turns.waiting, 0);
});

t.test("a request whose client has gone while it waited is not begun", async (t) => {
  const { ask, refused, names, finish } = turnsAt({ alone: 1 });
  ask("a0", asker("a"));
  ask("a1", asker("a"), { isWanted: () => false });
  ask("a2", asker("a"));
  await finish("a0");
  t.same(names(), ["a0", "a2"]);
  t.same(refused, [{ name: "a1", why: "left" }]);
});

t.test("a quota bounds what a client, and what a tenant, has in work", async (t) => {
  const { ask, names } = turnsAt();
  const quota = { tenant: { concurrentRequests: 3 }, client: { concurrentRequests: 1 } };
  for (const client of ["x", "x", "y", "z", "z2"]) ask(client, asker("a", client, quota));
  t.same(names(), ["x", "y", "z"]);
});

t.test("a request that steps aside makes room, and comes back without waiting", async (t) => {
  const { turns, ask, begun, names } = turnsAt({ alone: 1 });
  ask("a0", asker("a"));
  ask("a1", asker("a"));
  let finishWork: () => void = () => undefined;
  const work = begun[0]?.turn.aside(() => new Promise<string>((resolve) => (finishWork = () => resolve("made"))));
  await new Promise(setImmediate);
  t.same(names(), ["a0", "a1"]);
  finishWork();
  t.equal(await work, "made");
  t.equal(turns.inWork, 2);
});

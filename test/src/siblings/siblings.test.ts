import { setImmediate as turn } from "node:timers/promises";
import t from "tap";
import { NoSiblings } from "#src/siblings/alone.js";
import { homeOf, newHomeValue } from "#src/siblings/home-values.js";
import { JointCounts } from "#src/siblings/joint-counts.js";
import { SiblingGoneError, topic } from "#src/siblings/siblings.js";
import { inTurn, TurnKeeper } from "#src/siblings/turns.js";
import { wiredSiblings } from "#test/support/siblings.js";

const news = topic<string>("news");
const sum = topic<readonly number[], number>("sum");

async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await turn();
}

t.test("what one process tells has been done by all others when it goes on", async (t) => {
  const { buses, finish } = await wiredSiblings(3);
  const heard: string[] = [];
  for (const bus of buses) {
    bus.on(news, async (message, from) => {
      await turns(3);
      heard.push(`${bus.self} of ${from}: ${message}`);
    });
  }
  await buses[1]?.tell(news, "changed");
  t.same(heard.toSorted(), ["0 of 1: changed", "2 of 1: changed"]);
  finish();
});

t.test("messages of one process arrive in their order, those that are waited for and the others", async (t) => {
  const { buses, finish } = await wiredSiblings(2);
  const heard: string[] = [];
  buses[0]?.on(news, (message) => void heard.push(message));
  const first = buses[1]?.tell(news, "first");
  buses[1]?.mention(news, "second");
  await turn();
  buses[1]?.mention(news, "third");
  await buses[1]?.tell(news, "fourth");
  await first;
  t.same(heard, ["first", "second", "third", "fourth"]);
  finish();
});

t.test("a process that does not answer in time is reported, and waited for no longer", async (t) => {
  const { buses, finish, stalled, stop } = await wiredSiblings(3, 300);
  stop(2);
  await buses[1]?.tell(news, "changed");
  t.same(stalled, [2]);
  finish();
});

t.test("a failing listener keeps nobody waiting", async (t) => {
  const { buses, finish, failures } = await wiredSiblings(2);
  buses[0]?.on(news, () => {
    throw new Error("at once");
  });
  await buses[1]?.tell(news, "changed");
  t.match(failures, [{ message: "at once" }]);
  finish();
});

t.test("a question is answered by the process it is put to, also by the one that asks", async (t) => {
  const { buses, finish } = await wiredSiblings(3);
  for (const bus of buses) bus.on(sum, (numbers) => numbers.reduce((one, other) => one + other, bus.self));
  t.equal(await buses[1]?.ask(2, sum, [10, 20]), 32);
  t.equal(await buses[1]?.ask(1, sum, [10, 20]), 31);
  finish();
});

t.test("what goes wrong where a question is answered is told", async (t) => {
  const { buses, finish } = await wiredSiblings(2);
  buses[0]?.on(sum, () => Promise.reject(new RangeError("no numbers")));
  await t.rejects(Promise.resolve(buses[1]?.ask(0, sum, [])), { message: "no numbers" });
  finish();
});

t.test("a question to a process that is gone says whether that may have acted", async (t) => {
  const { buses, finish, stop, end } = await wiredSiblings(3);
  stop(2);
  const asked = Promise.resolve(buses[1]?.ask(2, sum, []));
  asked.catch(() => undefined);
  await turns(4);
  end(2);
  await t.rejects(asked, new SiblingGoneError(2, true));
  await t.rejects(Promise.resolve(buses[1]?.ask(2, sum, [])), new SiblingGoneError(2, false));
  finish();
});

t.test("one process at a time has its turn, and one that ends gives it back", async (t) => {
  const { buses, finish, end } = await wiredSiblings(3);
  const [keeper, one, two] = buses;
  if (keeper === undefined || one === undefined || two === undefined) throw new RangeError("three processes");
  new TurnKeeper(keeper);
  const begun: string[] = [];
  void inTurn(two, "login", async () => {
    begun.push("two");
    await new Promise(() => undefined);
  });
  await turns(6);
  const other = inTurn(one, "login", async () => void begun.push("one"));
  await inTurn(one, "another", async () => void begun.push("another"));
  t.same(begun, ["two", "another"]);
  end(2);
  await other;
  t.same(begun, ["two", "another", "one"]);
  await inTurn(keeper, "login", async () => void begun.push("keeper"));
  t.equal(begun.at(-1), "keeper");
  finish();
});

t.test("counts are those of all processes: of one that joins later too, not of one that ended", async (t) => {
  const { buses, finish, join, end } = await wiredSiblings(2);
  const [one, two] = buses.map((bus) => new JointCounts(bus, "things"));
  one?.add("key", 2);
  two?.add("key", 3);
  await turns(6);
  t.equal(one?.count("key"), 5);
  let third: JointCounts | undefined;
  await join(2, (late) => {
    third = new JointCounts(late, "things");
  });
  two?.add("key", -1);
  await turns(6);
  t.equal(one?.count("key"), 4);
  t.equal(third?.count("key"), 4, "what there was before it joined was told to it");
  end(1);
  await turns(6);
  t.equal(one?.count("key"), 2);
  finish();
});

t.test("a value says in which process it is at home", async (t) => {
  const { buses, finish } = await wiredSiblings(3);
  const [, one, two] = buses;
  if (one === undefined || two === undefined) throw new RangeError("three processes");
  t.equal(homeOf(one, newHomeValue(two)), 2);
  t.equal(homeOf(one, Buffer.from("foreign")), 1, "no value of ours: whoever is asked says so");
  const alone = new NoSiblings();
  t.equal(homeOf(alone, newHomeValue(two)), 0);
  finish();
});

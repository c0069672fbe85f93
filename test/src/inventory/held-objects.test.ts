import { setImmediate as turn } from "node:timers/promises";
import t from "tap";
import { HeldObjects } from "#src/inventory/held-objects.js";
import { wiredSiblings } from "#test/support/siblings.js";

async function turns(count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await turn();
}

async function twoCaches() {
  const wired = await wiredSiblings(2);
  const forgotten: string[] = [];
  const [one, two] = wired.buses.map((bus) => new HeldObjects(bus, (key) => void forgotten.push(`${bus.self}/${key}`)));
  if (one === undefined || two === undefined) throw new RangeError("two processes");
  return { ...wired, one, two, forgotten };
}

t.test("a held object is forgotten by all processes before it may be changed", async (t) => {
  const { one, forgotten, finish } = await twoCaches();
  await one.hold(["a", "b"]);
  t.same(forgotten.toSorted(), ["0/a", "0/b", "1/a", "1/b"]);
  finish();
});

t.test("what is read from before a change until it is over is not kept", async (t) => {
  const { one, two, finish } = await twoCaches();
  const early = two.begin("a");
  const other = two.begin("b");
  const { id } = await one.hold(["a"]);
  const during = two.begin("a");
  const inTheSame = one.begin("a");
  one.release(id);
  await turns(6);
  t.same(
    [early, during, inTheSame, other].map(({ isFresh }) => isFresh),
    [false, false, false, true],
  );
  t.equal(two.begin("a").isFresh, true, "afterwards it is");
  t.equal(one.begin("a").isFresh, true);
  finish();
});

t.test("who changes an object keeps its new value only where nobody else has begun to change it", async (t) => {
  const { one, two, finish } = await twoCaches();
  const first = await one.hold(["a"]);
  t.equal(first.writings[0]?.isFresh, true);
  const second = await two.hold(["a"]);
  t.equal(first.writings[0]?.isFresh, false);
  t.equal(second.writings[0]?.isFresh, false, "the first may come true later");
  one.release(first.id);
  two.release(second.id);
  finish();
});

t.test("what a process held that ended is let go", async (t) => {
  const { one, two, end, finish } = await twoCaches();
  await two.hold(["a"]);
  t.equal(one.begin("a").isFresh, false);
  end(1);
  await turns(4);
  t.equal(one.begin("a").isFresh, true);
  finish();
});

t.test("a process that joins during a change keeps nothing of it", async (t) => {
  const { one, join, finish } = await twoCaches();
  const { id } = await one.hold(["a"]);
  let third: HeldObjects | undefined;
  await join(2, (late) => {
    third = new HeldObjects(late, () => undefined);
  });
  t.equal(third?.begin("a").isFresh, false);
  one.release(id);
  await turns(6);
  t.equal(third?.begin("a").isFresh, true);
  finish();
});

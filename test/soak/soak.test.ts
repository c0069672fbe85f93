import t from "tap";
import { outputOf } from "#test/harness/output.js";
import { Pace } from "./pace.js";
import { growthOf, memorySlope, type Sample } from "./sample.js";
import { flatness, type Point, slopeOf } from "./slope.js";

/** Samples fifteen seconds apart of a server that grows by so many bytes from one to the next. */
function growing(serverBytes: number, sessions: number): readonly Sample[] {
  return Array.from({ length: 80 }, (_, index) => ({
    seconds: index * 15,
    requests: index,
    serverBytes: 100 * 1024 * 1024 + serverBytes * index,
    held: index % 2 === 0 ? { bytes: 90 * 1024 * 1024 + serverBytes * index, heapBytes: 35 * 1024 * 1024 } : null,
    workerBytes: 50 * 1024 * 1024,
    files: 30,
    sessions: 4 + sessions * index,
    sessionObjects: 10,
    loopDelay: 11,
  }));
}

/** So many minutes of measurements in which something grows by so much an hour, and swings by so much. */
function wandering(minutes: number, hourly: number, swing: number): readonly Point[] {
  return Array.from({ length: minutes * 2 }, (_, index) => ({
    seconds: index * 30,
    value: 100 + (hourly * index) / 120 + swing * Math.sin(index * 2.4),
  }));
}

t.test("a short soak answers everything and leaves sessions, handles and files as they were", async (t) => {
  const args = ["--minutes", "5", "--requests", "3000", "--connections", "8", "--load", "1"];
  t.match(await outputOf("soak", args), /^soak passed in .* requests, /m);
});

t.test("what grows is told", async (t) => {
  const grown = growthOf(growing(0, 1)).filter(({ before, after, allowed }) => after - before > allowed);
  t.same(
    grown.map(({ name }) => name),
    ["sessions"],
  );
});

t.test("memory that grows by 1 KiB in a quarter of a minute has a slope of 0.23 MiB an hour", async (t) => {
  const { hourly, uncertainty } = memorySlope(growing(1024, 0));
  t.equal(hourly.toFixed(2), "0.23");
  t.ok(uncertainty < 0.01);
});

t.test("an hour in which memory swings is flat", async (t) => {
  t.equal(flatness(slopeOf(wandering(60, 0, 1)), 2), "flat");
});

t.test("5 MiB an hour are noticed in an hour, and in twenty minutes where memory swings less", async (t) => {
  t.equal(flatness(slopeOf(wandering(60, 5, 1)), 2), "growing");
  t.equal(flatness(slopeOf(wandering(20, 5, 0.3)), 2), "growing");
});

t.test("measurements that jump up now and then do not hide what grows", async (t) => {
  const jumping = wandering(60, 5, 0.3).map(({ seconds, value }, index) => ({
    seconds,
    value: index % 7 === 0 ? value + 30 : value,
  }));
  t.equal(flatness(slopeOf(jumping), 2), "growing");
});

t.test(
  "a run is not judged that is too short for how memory swings, has few measurements, or in which memory falls",
  async (t) => {
    t.equal(flatness(slopeOf(wandering(20, 0, 1)), 2), "unclear");
    t.equal(flatness(slopeOf(wandering(10, 0, 0.1).slice(1)), 2), "unclear");
    t.equal(flatness(slopeOf(wandering(60, -5, 1)), 2), "unclear");
  },
);

t.test("nobody's turn comes while all are held", async (t) => {
  const pace = new Pace(Number.POSITIVE_INFINITY);
  const order: string[] = [];
  let end: () => void = () => undefined;
  const work = new Promise<void>((resolve) => {
    end = resolve;
  });
  const holding = pace.hold(() => work);
  const waiting = pace.turn().then(() => order.push("turn"));
  await new Promise((resolve) => setImmediate(resolve));
  order.push("end");
  end();
  await Promise.all([holding, waiting]);
  t.same(order, ["end", "turn"]);
  await pace.turn();
});

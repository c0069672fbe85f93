import t from "tap";
import { outputOf } from "#test/harness/output.js";
import { growthOf, memorySlope, type Sample } from "./sample.js";

/** Samples fifteen seconds apart of a server that grows by so many bytes from one to the next. */
function growing(serverBytes: number, sessions: number): readonly Sample[] {
  return Array.from({ length: 40 }, (_, index) => ({
    seconds: index * 15,
    requests: index,
    serverBytes: 100 * 1024 * 1024 + serverBytes * index,
    heldBytes: index % 4 === 0 ? 90 * 1024 * 1024 + serverBytes * index : null,
    workerBytes: 50 * 1024 * 1024,
    files: 30,
    sessions: 4 + sessions * index,
    sessionObjects: 10,
    loopDelay: 11,
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
  t.equal(memorySlope(growing(1024, 0)).toFixed(2), "0.23");
});

/** `npm run torture:isolation`: every operation by every road to what is not the asker's, and nothing is there. */
import { amountOf, type HarnessValues, runHarness } from "#test/harness/program.js";
import { conclude, seedOf, Verdict } from "#test/harness/verdict.js";
import { axes } from "./cell.js";
import { countsBy } from "./choosing.js";
import { everyCell, runMatrix } from "./run.js";

const usage = `Asks every operation, by every road that its declaration has, for objects of other tenants, for objects that the
asker has no permission for or whose ticket does not reach, and for what others have under way; in every state and of
every type. Each is asked for twice, as it is and as it never was: both must come to the same. The owner must be served.

  npm run torture:isolation -- [options]

  --cells N      how many cells about objects (default 6000), chosen so that pairs of values of two axes are covered
  --holdings N   how many cells about streams, tickets, asynchronous requests and PKCS#11 (default 700)
  --handles N    how many handles of PKCS#11 are guessed, in each partition and by each client (default 10000)
  --pairs N      how many pairs a road are timed (default 0, none)
  --long         all cells, and 2000 pairs a road
  --count        print the cells by axis and end
  --seed N       repeats a choice of cells
  --json         print the verdict as JSON
`;

const options = {
  cells: { type: "string", default: "6000" },
  holdings: { type: "string", default: "700" },
  handles: { type: "string", default: "10000" },
  pairs: { type: "string", default: "0" },
  long: { type: "boolean", default: false },
  count: { type: "boolean", default: false },
} as const;

async function main(values: HarnessValues<typeof options>): Promise<number> {
  if (values.count) {
    printCounts();
    return 0;
  }
  const seed = seedOf(values.seed);
  const verdict = new Verdict("isolation", seed);
  const number = (text: string, long = Number.POSITIVE_INFINITY) => (values.long ? long : amountOf(text));
  const done = await runMatrix(
    {
      seed,
      cells: number(values.cells),
      holdings: number(values.holdings),
      handles: amountOf(values.handles),
      pairs: number(values.pairs, 2000),
      progress: (line) => process.stderr.write(`${line}\n`),
    },
    verdict,
  );
  return conclude(verdict.result(done), values.json);
}

/** How many cells there are by each axis. */
function printCounts(): void {
  const cells = everyCell();
  process.stdout.write(`${cells.length} cells\n`);
  for (const axis of axes) {
    const counts = [...countsBy(cells, axis)].map(([value, count]) => `${value} ${count}`);
    process.stdout.write(`${axis} (${counts.length}): ${counts.join(", ")}\n`);
  }
}

await runHarness(usage, options, main);

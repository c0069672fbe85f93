import { execFile } from "node:child_process";
import { promisify } from "node:util";
import t from "tap";

/** Holds 60 MB, rests, and holds 170 MB more; prints how often meanwhile the whole heap was collected. */
const program = `
  import { PerformanceObserver, constants } from "node:perf_hooks";
  import { setTimeout as pause } from "node:timers/promises";
  import { setFlagsFromString } from "node:v8";
  import { runInNewContext } from "node:vm";
  import { collectWholeHeapRarely } from "#src/main/collections.js";
  if (process.env["RARELY"] === "yes") collectWholeHeapRarely();
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  let collections = 0;
  const isWhole = ({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
  new PerformanceObserver((list) => {
    collections += list.getEntries().filter(isWhole).length;
  }).observe({ entryTypes: ["gc"] });
  const held = [];
  const hold = async (count) => {
    for (let made = 0; made < count; made += 1) {
      held.push(new Array(131_072).fill(made));
      await pause(10);
    }
  };
  await hold(60);
  for (let count = 0; count < 3; count += 1) {
    collect();
    await pause(500);
  }
  const before = collections;
  await hold(170);
  await pause(50);
  console.log(collections - before);
`;

async function collections(rarely: "yes" | "no"): Promise<{ readonly count: number; readonly complaints: string }> {
  const env = { ...process.env, RARELY: rarely };
  const args = ["--single-threaded-gc", "--input-type=module", "--eval", program];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
  return { count: Number(stdout), complaints: stderr };
}

t.test("after a rest the whole heap is collected less often than V8 would by itself", async (t) => {
  const [rarely, usually] = await Promise.all([collections("yes"), collections("no")]);
  t.equal(rarely.complaints, "", "V8 knows what it is told");
  t.ok(rarely.count < usually.count, `${rarely.count} times instead of ${usually.count}`);
});

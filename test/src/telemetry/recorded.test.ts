import { Counter, Histogram, type Metric, Registry } from "prom-client";
import { test } from "tap";
import { RecordedCounter, RecordedHistogram } from "#src/telemetry/recorded.js";

const naming = { name: "keyreeve_test_seconds", help: "A test.", labelNames: ["operation", "kind"] };
/** What a registry of its own makes of a metric. */
function exposed(metric: unknown): Promise<string> {
  const registry = new Registry();
  registry.registerMetric(metric as Metric);
  return registry.metrics();
}

const buckets = [0.001, 0.01, 1];

test("a histogram is exposed as prom-client exposes its own", async (t) => {
  const theirs = new Histogram({ ...naming, buckets, registers: [] });
  const ours = new RecordedHistogram(naming, buckets);
  for (const [operation, value] of [
    ["Get", 0.0005],
    ["Get", 0.001],
    ["Locate", 0.5],
    ["Get", 7],
    ["Locate", 0.02],
  ] as const) {
    for (const histogram of [theirs, ours]) histogram.observe({ operation, kind: 'a "b"' }, value);
  }
  t.equal(await exposed(ours), await exposed(theirs));
});

test("a counter is exposed as prom-client exposes its own", async (t) => {
  for (const labelNames of [[], naming.labelNames]) {
    const theirs = new Counter({ ...naming, labelNames, registers: [] });
    const ours = new RecordedCounter({ ...naming, labelNames });
    t.equal(await exposed(ours), await exposed(theirs));
    for (const counter of [theirs, ours]) {
      counter.inc(labelNames.length === 0 ? {} : { operation: "Get", kind: "x" }, 2);
      counter.inc(labelNames.length === 0 ? {} : { operation: "Get", kind: "y" }, 1);
      counter.inc(labelNames.length === 0 ? {} : { operation: "Get", kind: "x" }, 1);
    }
    t.equal(await exposed(ours), await exposed(theirs));
  }
});

test("a label without a value is a mistake", async (t) => {
  t.throws(() => new RecordedCounter(naming).inc({ operation: "Get" }, 1), /kind/);
});

import { test } from "tap";
import { type MetricRow, metricTable } from "#src/telemetry/metric-table.js";
import { createMetrics } from "#src/telemetry/metrics.js";

const withoutProcess = { process: false };

test("counters, gauges and histograms appear in the exposition with their labels", async (t) => {
  const metrics = createMetrics(withoutProcess);
  metrics.count("requests", { operation: "Get", status: "Success", reason: "none" });
  metrics.count("requests", { operation: "Get", status: "Success", reason: "none" }, 2);
  metrics.change("connectionsOpen", { listener: "kmip" }, 5);
  metrics.change("connectionsOpen", { listener: "kmip" }, -2);
  metrics.set("hsmQueue", { partition: "demo" }, 7);
  metrics.observe("requestSeconds", { operation: "Get" }, 0.004);
  const { text, contentType } = await metrics.exposition();
  t.match(contentType, /text\/plain/);
  t.match(text, /keyreeve_requests_total\{operation="Get",status="Success",reason="none"\} 3/);
  t.match(text, /keyreeve_connections\{listener="kmip"\} 3/);
  t.match(text, /keyreeve_hsm_queue_calls\{partition="demo"\} 7/);
  t.match(text, /keyreeve_request_duration_seconds_bucket\{le="0.005",operation="Get"\} 1/);
});

test("gauges are sampled each time the metrics are read", async (t) => {
  const metrics = createMetrics(withoutProcess);
  let depth = 0;
  metrics.beforeExposition(() => {
    depth += 1;
    metrics.set("storageQueue", { kind: "read" }, depth);
  });
  t.match((await metrics.exposition()).text, /storage_queue_calls\{kind="read"\} 1/);
  t.match((await metrics.exposition()).text, /storage_queue_calls\{kind="read"\} 2/);
});

test("a cleared gauge leaves the exposition", async (t) => {
  const metrics = createMetrics(withoutProcess);
  metrics.set("hsmQueue", { partition: "gone" }, 1);
  metrics.clear("hsmQueue");
  t.notMatch((await metrics.exposition()).text, /gone/);
});

test("two sets of metrics in one process do not share values", async (t) => {
  const first = createMetrics(withoutProcess);
  const second = createMetrics(withoutProcess);
  first.count("auditRows", {}, 9);
  t.match((await second.exposition()).text, /keyreeve_audit_rows_total 0/);
});

test("the process metrics tell memory and the delay of the event loop", async (t) => {
  const { text } = await createMetrics().exposition();
  t.match(text, /process_resident_memory_bytes \d/);
  t.match(text, /nodejs_eventloop_lag_p99_seconds/);
});

test("metric names follow Prometheus' conventions", async (t) => {
  const rows: readonly MetricRow[] = Object.values(metricTable);
  t.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
  for (const { kind, name } of rows) {
    t.match(name, /^keyreeve_[a-z_]+$/);
    t.equal(name.endsWith("_total"), kind === "counter", `${name} ends in _total only as a counter`);
  }
});

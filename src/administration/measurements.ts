import type { HsmEngine } from "#src/crypto/pkcs11/engine.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import type { Database, DatabaseObserver } from "#storage/database.js";

/** Feeds the metrics of commits. */
export function observeDatabase(metrics: Metrics): DatabaseObserver {
  return {
    group: (commits) => metrics.observe("commitSize", {}, commits),
    committed: (milliseconds, outcome) => metrics.observe("commitSeconds", { outcome }, milliseconds / 1000),
  };
}

/** Sets the gauges of what waits for the database and the HSM, and of the HSM's worker processes. */
export function sampleQueues(database: Database, engine: HsmEngine, metrics: Metrics): void {
  const { reads, commits } = database.waiting();
  metrics.set("storageQueue", { kind: "read" }, reads);
  metrics.set("storageQueue", { kind: "commit" }, commits);
  for (const gauge of ["hsmQueue", "hsmWorkers", "hsmWorkerRestarts", "hsmWorkerBytes"] as const) metrics.clear(gauge);
  for (const { tenantId: partition, workers } of engine.status()) {
    for (const { state, waiting, underWay, restarts, residentBytes } of workers) {
      metrics.change("hsmQueue", { partition }, waiting + underWay);
      metrics.change("hsmWorkers", { partition }, state === "ready" ? 1 : 0);
      metrics.change("hsmWorkerRestarts", { partition }, restarts);
      metrics.change("hsmWorkerBytes", { partition }, state === "stopped" ? 0 : residentBytes);
    }
  }
}

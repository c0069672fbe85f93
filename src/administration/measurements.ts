import type { HsmEngine } from "#src/crypto/pkcs11/engine.js";
import type { GaugeName } from "#src/telemetry/metric-table.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import type { Database } from "#storage/database.js";

const gauges = [
  "hsmQueue",
  "hsmWorkers",
  "hsmWorkerBytes",
  "hsmCircuit",
  "hsmHealthy",
] as const satisfies readonly GaugeName[];

/** Sets the gauges of what waits for the database and the HSM, and of the HSM's worker processes. */
export function sampleQueues(database: Database, engine: HsmEngine, metrics: Metrics): void {
  const { reads, commits } = database.waiting();
  metrics.set("storageQueue", { kind: "read" }, reads);
  metrics.set("storageQueue", { kind: "commit" }, commits);
  for (const gauge of gauges) metrics.clear(gauge);
  for (const { tenantId: partition, workers, circuitOpen, healthy } of engine.status()) {
    metrics.set("hsmCircuit", { partition }, circuitOpen ? 1 : 0);
    metrics.set("hsmHealthy", { partition }, healthy ? 1 : 0);
    for (const { state, waiting, underWay, residentBytes } of workers) {
      metrics.change("hsmQueue", { partition }, waiting + underWay);
      metrics.change("hsmWorkers", { partition }, state === "ready" ? 1 : 0);
      metrics.change("hsmWorkerBytes", { partition }, state === "stopped" ? 0 : residentBytes);
    }
  }
}

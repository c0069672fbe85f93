import type { RaiseEvent } from "#src/audit/events/events.js";
import type { EventKind } from "#src/audit/events/table.js";
import type { FaultName, PartitionReport, RestartCause } from "#src/crypto/pkcs11/faults.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import { rootPartitionName } from "./installation.js";

/** The event of each fault. */
export const eventOfFault: Readonly<Record<FaultName, EventKind>> = {
  "session-lost": "session-lost",
  "session-poisoned": "session-lost",
  "sessions-exhausted": "partition-overloaded",
  "login-lost": "login-lost",
  "pin-refused": "pin-refused",
  "token-missing": "token-missing",
  "token-restored": "token-restored",
  "device-error": "device-error",
  "token-full": "token-full",
  "key-not-written": "key-not-written",
  "key-missing": "key-missing",
  "key-damaged": "key-damaged",
  "mechanism-missing": "mechanism-missing",
  "worker-crashed": "worker-crashed",
  "worker-hung": "worker-hung",
  "worker-not-opened": "worker-not-opened",
  overloaded: "partition-overloaded",
};

/** Restarts that are no fault but of which an operator hears all the same. */
const eventOfRestart: Readonly<Partial<Record<RestartCause, EventKind>>> = { worn: "worker-replaced" };

/** Turns what the engine reports into metrics and events. */
export function followPartitions(
  metrics: Metrics,
  raise: RaiseEvent,
): (partition: string, report: PartitionReport) => void {
  return (partition, report) => {
    count(metrics, partition, report);
    const happened = eventOf(report);
    if (happened === undefined) return;
    const concerned = partition === rootPartitionName ? {} : { tenantId: partition };
    raise({ ...concerned, ...happened });
  };
}

function count(metrics: Metrics, partition: string, report: PartitionReport): void {
  if (report.on === "fault") metrics.count("hsmFaults", { partition, fault: report.fault });
  if (report.on === "restart") metrics.count("hsmRestarts", { partition, cause: report.cause });
  if (report.on === "retry") metrics.count("hsmRetries", { partition, by: report.by }, report.count);
  if (report.on === "refusal") metrics.count("hsmRefusals", { partition, why: report.why }, report.count);
}

type Happened = Omit<Parameters<RaiseEvent>[0], "tenantId">;

function eventOf(report: PartitionReport): Happened | undefined {
  switch (report.on) {
    case "fault": {
      const { fault, objectId, message, call, returnValue } = report;
      const detail = {
        fault,
        message,
        ...(call === undefined ? {} : { call }),
        ...(returnValue === undefined ? {} : { returnValue: `0x${returnValue.toString(16)}` }),
      };
      return { kind: eventOfFault[fault], detail, ...(objectId === undefined ? {} : { objectId }) };
    }
    case "circuit":
      return { kind: report.open ? "circuit-opened" : "circuit-closed", detail: { reason: report.reason } };
    case "health":
      return { kind: report.healthy ? "partition-recovered" : "partition-unhealthy" };
    case "restart": {
      const kind = eventOfRestart[report.cause];
      return kind === undefined ? undefined : { kind, detail: { reason: report.reason } };
    }
    default:
      return undefined;
  }
}

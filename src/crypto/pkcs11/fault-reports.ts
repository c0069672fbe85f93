import type { FaultName, PartitionReport } from "./faults.js";
import type { NotedFault } from "./messages.js";
import type { Ending } from "./supervision.js";

/** Tells what a worker meets, in the words of PartitionReport. */
export class FaultReports {
  readonly #report: (report: PartitionReport) => void;

  constructor(report: (report: PartitionReport) => void) {
    this.#report = report;
  }

  /** A fault that was seen on this side. */
  fault(fault: FaultName, message: string, call?: string): void {
    this.#report({ on: "fault", fault, message, ...(call === undefined ? {} : { call }) });
  }

  /** Faults that the worker has noted. */
  noted(faults: readonly NotedFault[]): void {
    for (const { retried, ...fault } of faults) {
      this.#report({ on: "fault", ...fault });
      if (retried) this.#report({ on: "retry", by: "session", count: 1 });
    }
  }

  /** A worker process ended and is replaced. */
  restarted({ cause, reason }: Ending): void {
    if (cause === "crashed") this.fault("worker-crashed", reason);
    this.#report({ on: "restart", cause, reason });
  }

  /** Calls that go to a new worker. */
  repeated(count: number): void {
    if (count > 0) this.#report({ on: "retry", by: "worker", count });
  }

  /** Calls that were refused. Where there were too many or they waited too long, the device is too slow for them. */
  refused(why: Extract<PartitionReport, { on: "refusal" }>["why"], count: number): void {
    if (count === 0) return;
    if (why !== "circuit") this.fault("overloaded", why === "queue" ? "too many calls wait" : "calls waited too long");
    this.#report({ on: "refusal", why, count });
  }
}

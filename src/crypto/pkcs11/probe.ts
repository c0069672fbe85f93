import type { ProbeReport, ProbeRequest } from "./profiles/probe-report.js";
import { runOnce } from "./single-run.js";

export type { ProbeReport, ProbeRequest };

/**
 * Probes a module in a process of its own, with nothing of this process's environment but what the module's location
 * names. Rejects with CryptoError; `unavailable` where the module crashes, or hangs for so many milliseconds.
 */
export function probe(request: ProbeRequest, timeout: number): Promise<ProbeReport> {
  return runOnce("probe", request, { ...request.module.environment }, timeout);
}

import type { HsmEngineOptions } from "#src/crypto/pkcs11/engine.js";
import type { FaultName, PartitionReport } from "#src/crypto/pkcs11/faults.js";
import { CryptoError } from "#src/crypto/port.js";
import { Pkcs11Shim } from "./pkcs11-shim.js";
import { type SoftHsm, startSoftHsm } from "./softhsm.js";

/** A partition whose module fails on command, and what the engine reports of it. */
export interface FaultyHsm extends SoftHsm {
  readonly shim: Pkcs11Shim;
  readonly reports: PartitionReport[];
  /** The kinds of faults that were reported, each once, in the order they came first. */
  faults(): FaultName[];
  /** How often calls were repeated by a new session, or by a new worker. */
  retries(by: "session" | "worker"): number;
  /** Why workers were replaced, in order. */
  restarts(): string[];
  /** Ends all faults and forgets what was reported; waits until the partition answers. */
  heal(): Promise<void>;
}

/** Makes a token behind the shim and opens it as a partition. */
export async function startFaultyHsm(engineOptions: Partial<HsmEngineOptions> = {}): Promise<FaultyHsm> {
  const shim = await Pkcs11Shim.start();
  const reports: PartitionReport[] = [];
  const report = (_tenantId: string, one: PartitionReport) => void reports.push(one);
  const hsm = await startSoftHsm({ report, ...engineOptions }, shim.module);
  return {
    ...hsm,
    shim,
    reports,
    faults: () => [...new Set(reports.flatMap((one) => (one.on === "fault" ? [one.fault] : [])))],
    retries: (by) => reports.reduce((sum, one) => sum + (one.on === "retry" && one.by === by ? one.count : 0), 0),
    restarts: () => reports.flatMap((one) => (one.on === "restart" ? [one.cause] : [])),
    heal: async () => {
      await shim.follow();
      await untilAnswered(() => hsm.partition.checkHealth());
      reports.length = 0;
    },
    close: async () => {
      await hsm.close();
      shim.remove();
    },
  };
}

/** Asks again until the answer is not that the partition is unavailable. */
export async function untilAnswered<Result>(ask: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + 20_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof CryptoError && error.code === "unavailable";
      if (!isAway || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

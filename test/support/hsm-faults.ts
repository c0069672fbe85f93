import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { HsmEngine } from "#src/crypto/pkcs11/engine.js";
import type { WorkerStatus } from "#src/crypto/pkcs11/supervision.js";
import { CryptoError, type Partition } from "#src/crypto/port.js";
import type { SoftHsm } from "./softhsm.js";

/** How the worker for short calls of the first partition is doing. */
export function fastWorker(engine: HsmEngine): WorkerStatus | undefined {
  return engine.status()[0]?.workers.find((worker) => worker.role === "fast");
}

/** Sends a signal to that worker. */
export function signalWorker(engine: HsmEngine, signal: NodeJS.Signals): void {
  const processId = fastWorker(engine)?.processId;
  if (processId === undefined) {
    throw new Error("there is no worker to signal");
  }
  process.kill(processId, signal);
}

/** The file that holds the token itself. */
export function tokenFile(hsm: SoftHsm): string {
  const tokens = join(hsm.folder, "tokens");
  return join(tokens, readdirSync(tokens)[0] ?? "", "token.object");
}

/** Asks again until the partition answers; gives how long that took in milliseconds. */
export async function untilAvailable(partition: Partition): Promise<number> {
  const since = performance.now();
  for (;;) {
    try {
      await partition.checkHealth();
      return performance.now() - since;
    } catch (error) {
      if (!(error instanceof CryptoError && error.code === "unavailable") || performance.now() - since > 20_000) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

import { readdirSync, rmSync, statSync } from "node:fs";
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

/** The folder of the tokens of the only tenant in the data directory of a server. */
function tenantTokens(home: string): string {
  const hsm = join(home, "hsm");
  const tenant = readdirSync(hsm).find((name) => name.startsWith("tenant-"));
  if (tenant === undefined) throw new RangeError("the server has no tenant");
  return join(hsm, tenant, "tokens");
}

/** Takes the key-encryption key out of the only tenant's token: the first key that was made in it. */
export function removeKeyEncryptionKey(home: string): void {
  const tokens = tenantTokens(home);
  const token = join(tokens, readdirSync(tokens)[0] ?? "");
  const keys = readdirSync(token).filter((name) => name.endsWith(".object") && name !== "token.object");
  const made = (name: string): number => statSync(join(token, name)).mtimeMs;
  const [first] = keys.sort((one, other) => made(one) - made(other));
  if (first === undefined) throw new RangeError("the token has no keys");
  rmSync(join(token, first));
}

/** Takes the only tenant's token away. */
export function removeToken(home: string): void {
  rmSync(tenantTokens(home), { recursive: true });
}

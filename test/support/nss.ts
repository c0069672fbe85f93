import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createHsmEngine, type HsmEngine } from "#src/crypto/pkcs11/engine.js";
import type { Partition, RootPartition } from "#src/crypto/port.js";

/** Where NSS softokn is, the second module that keeps habits of the first out of the code. */
export const NSS_MODULE = "/usr/lib/x86_64-linux-gnu/libsoftokn3.so";

const USER_PIN = "24681012";

/** A partition on a token of NSS softokn in a temporary folder that `close` removes. */
export interface Nss {
  readonly engine: HsmEngine;
  readonly partition: Partition & RootPartition;
  close(): Promise<void>;
}

/** Makes a token database, gives it a PIN and binds to it as a partition. */
export async function startNss(): Promise<Nss> {
  const base = await mkdtemp(join(tmpdir(), "keyreeve-nss-"));
  const engine = createHsmEngine({ logger: pino({ level: "silent" }) });
  const parameters = `configdir='sql:${base}' certPrefix='' keyPrefix='' secmod='secmod.db' flags=`;
  const token = {
    module: { path: NSS_MODULE, parameters },
    tokenLabel: "NSS Certificate DB",
    tokenSerial: "0000000000000000",
    pin: () => Promise.resolve(Buffer.from(USER_PIN)),
  };
  await engine.bindToken({ ...token, securityOfficerPin: Buffer.alloc(0), root: true });
  return {
    engine,
    partition: engine.rootPartition({ ...token, tenantId: "tenant-1" }),
    close: async () => {
      await engine.stop();
      await rm(base, { recursive: true, force: true });
    },
  };
}

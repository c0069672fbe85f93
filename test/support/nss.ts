import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createHsmEngine, type HsmEngine, type PartitionOptions } from "#src/crypto/pkcs11/engine.js";
import type { Partition, RootPartition } from "#src/crypto/port.js";

/** Where NSS softokn is, the second module that keeps habits of the first out of the code. */
export const NSS_MODULE = "/usr/lib/x86_64-linux-gnu/libsoftokn3.so";

const USER_PIN = "24681012";

/** A partition on a token of NSS softokn in a temporary folder that `close` removes. */
export interface Nss {
  readonly engine: HsmEngine;
  readonly partition: Partition & RootPartition;
  readonly options: PartitionOptions;
  close(): Promise<void>;
}

/** The label that NSS gives every token of its own. */
export const NSS_LABEL = "NSS Certificate DB";

/** What NSS is initialised with to have its token in a folder. */
export function nssParameters(folder: string): string {
  return `configdir='sql:${folder}' certPrefix='' keyPrefix='' secmod='secmod.db' flags=`;
}

/** Makes a token database in a folder that exists, and gives it a PIN. It has the keys of a partition from then on. */
export async function makeNssToken(folder: string): Promise<{ readonly parameters: string; readonly pin: string }> {
  const engine = createHsmEngine({ logger: pino({ level: "silent" }) });
  const parameters = nssParameters(folder);
  await engine.bindToken({ ...tokenIn(parameters), securityOfficerPin: Buffer.alloc(0) });
  await engine.stop();
  return { parameters, pin: USER_PIN };
}

function tokenIn(parameters: string) {
  return {
    module: { path: NSS_MODULE, parameters },
    tokenLabel: NSS_LABEL,
    tokenSerial: "0000000000000000",
    pin: () => Promise.resolve(Buffer.from(USER_PIN)),
  };
}

/** Makes a token database, gives it a PIN and binds to it as a partition. */
export async function startNss(): Promise<Nss> {
  const base = await mkdtemp(join(tmpdir(), "keyreeve-nss-"));
  const engine = createHsmEngine({ logger: pino({ level: "silent" }) });
  const token = tokenIn(nssParameters(base));
  await engine.bindToken({ ...token, securityOfficerPin: Buffer.alloc(0), root: true });
  const options = { ...token, tenantId: "tenant-1" };
  return {
    engine,
    options,
    partition: engine.rootPartition(options),
    close: async () => {
      await engine.stop();
      await rm(base, { recursive: true, force: true });
    },
  };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import {
  createHsmEngine,
  type HsmEngine,
  type HsmEngineOptions,
  type PartitionOptions,
} from "#src/crypto/pkcs11/engine.js";
import type { ModuleLocation } from "#src/crypto/pkcs11/messages.js";
import type { Partition, RootPartition } from "#src/crypto/port.js";

/** Where SoftHSM is installed. */
export const SOFTHSM_MODULE = "/usr/lib/softhsm/libsofthsm2.so";

const USER_PIN = "24681012";
const SECURITY_OFFICER_PIN = "13579111";

/** A SoftHSM partition that is ready for use, in a folder that `close` removes. */
export interface SoftHsm {
  readonly engine: HsmEngine;
  readonly partition: Partition & RootPartition;
  readonly options: PartitionOptions;
  /** The folder of the token's files. */
  readonly folder: string;
  /** Another partition of the same engine, with a token of its own. */
  another(tenantId: string, module?: ModuleLocation): Promise<Partition>;
  close(): Promise<void>;
}

async function newPartition(
  engine: HsmEngine,
  base: string,
  tenantId: string,
  root: boolean,
  module: ModuleLocation,
): Promise<PartitionOptions> {
  const folder = join(base, tenantId);
  const name = await engine.initialiseToken({
    module,
    folder,
    label: `keyreeve ${tenantId}`,
    userPin: Buffer.from(USER_PIN),
    securityOfficerPin: Buffer.from(SECURITY_OFFICER_PIN),
    root,
  });
  const pin = () => Promise.resolve(Buffer.from(USER_PIN));
  return { tenantId, module, folder, tokenLabel: name.label, tokenSerial: name.serial, pin };
}

/** For tests that judge what is answered: how long a busy machine takes to answer says nothing of that. */
export const unhurried: Partial<HsmEngineOptions> = { callTimeoutMilliseconds: 60_000 };

const softHsm: ModuleLocation = { path: SOFTHSM_MODULE };

/**
 * Makes a token in a temporary folder and opens it as a partition (with the keys of the server's own one); `module` may
 * stand before SoftHSM.
 */
export async function startSoftHsm(
  engineOptions: Partial<HsmEngineOptions> = {},
  module: ModuleLocation = softHsm,
): Promise<SoftHsm> {
  const base = await mkdtemp(join(tmpdir(), "keyreeve-hsm-"));
  const engine = createHsmEngine({ logger: pino({ level: "silent" }), ...engineOptions });
  const options = await newPartition(engine, base, "tenant-1", true, module);
  return {
    engine,
    options,
    partition: engine.rootPartition(options),
    folder: join(base, "tenant-1"),
    another: async (tenantId, itsModule = module) =>
      engine.partition(await newPartition(engine, base, tenantId, false, itsModule)),
    close: async () => {
      await engine.stop();
      await rm(base, { recursive: true, force: true });
    },
  };
}

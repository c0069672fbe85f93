import { join } from "node:path";
import type { Configuration } from "#src/config/configuration.js";
import type { HsmEngine } from "#src/crypto/pkcs11/engine.js";
import { CryptoError, type Partition, type PartitionInformation, type RootPartition } from "#src/crypto/port.js";
import { pinContext } from "#src/inventory/seal-contexts.js";
import type { Database } from "#storage/database.js";
import type { TenantRow } from "#storage/types.js";
import { moduleLocation } from "./installation.js";
import { moduleParametersOf } from "./token-binding.js";

/** The partitions of all tenants, opened as they are first asked for. */
export class Partitions {
  private readonly options: {
    readonly database: Database;
    readonly engine: HsmEngine;
    readonly root: RootPartition;
    readonly configuration: Pick<Configuration, "hsm">;
  };
  private readonly opened = new Map<string, Promise<Partition>>();
  private readonly information = new Map<string, Promise<PartitionInformation>>();

  constructor(options: Partitions["options"]) {
    this.options = options;
  }

  /** The partition of a tenant. Throws CryptoError `unavailable` where there is no such tenant. */
  of(tenantId: string): Promise<Partition> {
    return remembered(this.opened, tenantId, () => this.open(tenantId));
  }

  /** What a tenant's token is and can do. */
  informationOf(tenantId: string): Promise<PartitionInformation> {
    return remembered(this.information, tenantId, async () => (await this.of(tenantId)).information());
  }

  private async open(tenantId: string): Promise<Partition> {
    const tenant = await this.options.database.read.tenants.byId(tenantId);
    if (tenant === null) throw new CryptoError("unavailable", `there is no tenant ${tenantId}`);
    return this.partitionFor(tenant);
  }

  private partitionFor(tenant: TenantRow): Partition {
    const { engine, root, configuration } = this.options;
    return engine.partition({
      tenantId: tenant.id,
      module: moduleLocation(tenant.module, configuration, moduleParametersOf(tenant)),
      ...(tenant.partitionFolder === null ? {} : { folder: join(configuration.hsm.directory, tenant.partitionFolder) }),
      tokenLabel: tenant.tokenLabel,
      tokenSerial: tenant.tokenSerial,
      pin: () => root.unseal(Buffer.from(tenant.sealedPin), pinContext(tenant.id)),
    });
  }
}

/** Asks once and remembers the answer, but not a failure. */
function remembered<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const present = known.get(key);
  if (present !== undefined) return present;
  const asked = ask();
  known.set(key, asked);
  asked.catch(() => known.delete(key));
  return asked;
}

import type { PartitionInformation } from "#src/crypto/port.js";
import type { Operation } from "./operation.js";

/** What this server is and can do, as Query tells it and as defaults follow from it. Computed, never written by hand. */
export interface Deployment {
  readonly vendorIdentification: string;
  readonly serverName: string;
  readonly serverVersion: string;
  /** All operations the server performs. */
  readonly operations: readonly Operation[];
  /** The most items a batch may have. */
  readonly maximumBatchItems: number;
  /** Reads what the tenant's token can do; remembered until its worker restarts. */
  tokenInformation(tenantId: string): Promise<PartitionInformation>;
}

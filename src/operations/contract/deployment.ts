import type { ProtocolVersion } from "#protocol/versions.js";
import type { ClientCertificates } from "#src/access/client-certificates.js";
import type { PartitionInformation } from "#src/crypto/port.js";
import type { Operation } from "./operation.js";

/** What this server is and can do, as Query tells it and as defaults follow from it. Computed, never written by hand. */
export interface Deployment {
  readonly vendorIdentification: string;
  readonly serverName: string;
  readonly serverVersion: string;
  /** All operations the server performs. */
  readonly operations: readonly Operation[];
  /** The versions that are spoken, best first. */
  readonly versions: readonly ProtocolVersion[];
  /** The most items a batch may have. */
  readonly maximumBatchItems: number;
  /** All tenants take part in interoperability tests. */
  readonly interoperabilityTests: boolean;
  /** Kinds of request this server serves beyond the plain one, for Query (KMIP 2.1 §7.5). */
  readonly capabilities: {
    /** Cryptographic operations over several requests. */
    readonly streaming: boolean;
    /** Operations that are answered later. */
    readonly asynchronous: boolean;
  };
  readonly clientCertificates: ClientCertificates;
  /** Forgets what is remembered of tenants and clients: one of them was changed by an operation. */
  registrationsChanged(): Promise<void>;
  /** Reads what the tenant's token can do; remembered until its worker restarts. */
  tokenInformation(tenantId: string): Promise<PartitionInformation>;
}

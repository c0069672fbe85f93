import type { PartitionInformation } from "#src/crypto/port.js";
import type { Operation } from "./operation.js";

/** Certificates by which clients of the listener are known. The certificates are PEM. */
export interface ClientCertificates {
  /** A certificate for a key of the client's, given as SubjectPublicKeyInfo DER. Throws where that cannot be read. */
  issueFor(client: string, tenant: string, subjectPublicKeyInfo: Buffer): string;
  /** A certificate with a new key (PKCS #8, PEM). */
  issueWithKey(
    client: string,
    tenant: string,
  ): Promise<{ readonly certificatePem: string; readonly privateKeyPem: string }>;
  /** A certificate (DER) that the listener takes for this client, as PEM; undefined for any other. Throws for no certificate. */
  accepted(der: Buffer, client: string, tenant: string): string | undefined;
}

/** What this server is and can do, as Query tells it and as defaults follow from it. Computed, never written by hand. */
export interface Deployment {
  readonly vendorIdentification: string;
  readonly serverName: string;
  readonly serverVersion: string;
  /** All operations the server performs. */
  readonly operations: readonly Operation[];
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
  registrationsChanged(): void;
  /** Reads what the tenant's token can do; remembered until its worker restarts. */
  tokenInformation(tenantId: string): Promise<PartitionInformation>;
}

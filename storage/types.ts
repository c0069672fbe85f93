/**
 * The rows of the database as everything above storage/ sees them. All are plain data that can be sent between
 * threads. Times named …At and …Ms are milliseconds since 1970 (UTC); the dates of managed objects are seconds, as KMIP
 * has them. Identifiers are opaque text chosen by the caller.
 */

import type { TextItems } from "#protocol/ttlv/text-items.js";

/** A document of the caller's making, stored as it came (JSON text). */
export type JsonText = string;

/** Where an object's key material lives. */
export type StoredCustody = "wrapped" | "token" | "software";

/** One fact about the installation as a whole. */
export interface ServerStateRow {
  readonly key: string;
  readonly value: string;
}

/** A server process that writes to this database, and therefore an audit chain per tenant. */
export interface NodeRow {
  readonly id: string;
  readonly name: string;
  readonly startedAt: number;
  readonly softwareVersion: string;
}

export type TenantState = "active" | "suspended";

/** `softhsm`: the server made and owns the token; `bound`: a token somebody else manages. */
export type PartitionKind = "softhsm" | "bound";

export interface TenantRow {
  readonly id: string;
  /** Unique among tenants. */
  readonly name: string;
  readonly state: TenantState;
  readonly custodyDefault: StoredCustody;
  readonly partitionKind: PartitionKind;
  /** Path of the PKCS#11 module. */
  readonly module: string;
  readonly tokenLabel: string;
  readonly tokenSerial: string;
  /** The folder of a token the server owns; null for a bound one. */
  readonly partitionFolder: string | null;
  /** User and security-officer PIN, sealed by the root partition. */
  readonly sealedPin: Buffer;
  readonly sealedSoPin: Buffer | null;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly settings: JsonText;
}

export type ClientState = "active" | "revoked";

export interface ClientRow {
  readonly id: string;
  readonly tenantId: string;
  /** Unique among the clients of the tenant. */
  readonly name: string;
  readonly state: ClientState;
  readonly createdAt: number;
  readonly revokedAt: number | null;
  readonly settings: JsonText;
}

export type CertificateState = "active" | "revoked";

export interface ClientCertificateRow {
  /** SHA-256 of the DER, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly state: CertificateState;
  readonly pem: string;
  /** Null: this server's own authority. `operator`: an operator, for this one certificate. Else a trusted authority. */
  readonly vouchedBy: string | null;
}

/** A KMIP Credential of a client (KMIP 2.1 §9.11). */
export interface ClientCredentialRow {
  readonly clientId: string;
  readonly tenantId: string;
  /** By which the credential is found: the Username, or what stands for the fields of a Device. */
  readonly username: string;
  /** scrypt hash with its parameters, in the encoding of the caller. */
  readonly passwordHash: string;
  readonly createdAt: number;
  /** `password` or `device`; null, of older releases, is `password`. */
  readonly kind: string | null;
  /** What must be known in plain to check it, sealed by the root partition; null where nothing is. */
  readonly sealedSecrets: Buffer | null;
  /** The latest time stamp or counter that was accepted; each is accepted once. Null before the first. */
  readonly lastUsed: number | null;
}

/** Something a tenant is set to. */
export interface TenantSettingRow {
  readonly tenantId: string;
  readonly name: string;
  /** In the encoding of the caller. */
  readonly value: string;
}

/** A ticket that a login gave out (KMIP 2.1 §6.1.30). The ticket itself is nowhere but with its holder. */
export interface TicketRow {
  /** SHA-256 of the ticket, 64 hexadecimal digits. */
  readonly id: string;
  readonly tenantId: string;
  /** Who logged in. */
  readonly clientId: string;
  readonly kind: "login" | "delegated";
  readonly expiresAt: number;
  /** Request messages that may still bear it; null without a limit. */
  readonly requestsLeft: number | null;
  /** Operations that may still be performed by it; null without a limit. */
  readonly operationsLeft: number | null;
  /** The rights of a delegated ticket, in the encoding of the caller; null for `login`. */
  readonly rights: string | null;
  readonly createdAt: number;
}

/** What is left of one right of a ticket that limits the number of operations. */
export interface TicketRightRow {
  readonly ticketId: string;
  /** Place among the rights of the ticket, counted from 0. */
  readonly place: number;
  readonly operationsLeft: number;
}

/** The credential under which an object was made. */
export interface ObjectOwnerRow {
  readonly tenantId: string;
  readonly objectId: string;
  readonly owner: string;
}

/** A client with its tenant and what the tenant is set to. */
export interface RegisteredClient {
  readonly client: ClientRow;
  readonly credentials: readonly ClientCredentialRow[];
  readonly tenant: TenantRow;
  readonly settings: readonly TenantSettingRow[];
}

/** Everything that decides whether the bearer of a certificate is served. */
export interface ClientIdentity extends RegisteredClient {
  readonly certificate: ClientCertificateRow;
}

/** A managed object. Enumerations are KMIP's numbers, dates are seconds. */
export interface ObjectRow {
  readonly tenantId: string;
  readonly id: string;
  readonly objectType: number;
  /** null for objects without a state (KMIP 2.1 §4.57). */
  readonly state: number | null;
  /** 1 at creation, one more at each update. */
  readonly version: number;
  /** Grows with every creation in this database: the order of Locate (KMIP 2.1 §6.1.28). */
  readonly creationOrder: number;
  readonly custody: StoredCustody;
  readonly algorithm: number | null;
  /** Cryptographic Length in bits. */
  readonly length: number | null;
  readonly usageMask: number | null;
  readonly initialDate: number;
  readonly activationDate: number | null;
  readonly processStartDate: number | null;
  readonly protectStopDate: number | null;
  readonly deactivationDate: number | null;
  /** Set exactly when the object is destroyed. */
  readonly destroyDate: number | null;
  readonly compromiseDate: number | null;
  readonly compromiseOccurrenceDate: number | null;
  /** Set exactly while the object is archived. */
  readonly archiveDate: number | null;
  readonly lastChangeDate: number;
  /** When the server is to replace it by itself, in seconds; null where never. */
  readonly rotateAt: number | null;
  readonly fresh: boolean;
  /** All other attributes. */
  readonly attributes: JsonText;
  readonly material: Buffer | null;
  readonly materialInformation: JsonText;
  /** Version of the tenant's key-encryption key that wrapped `material`; 0 where nothing is wrapped. */
  readonly keyEncryptionKeyVersion: number;
  readonly integrityTag: Buffer | null;
}

/** A value by which Locate finds an object, other than the columns of ObjectRow and the names. */
export interface IndexedAttribute {
  /** The attribute, or attribute and field, as the caller names it. */
  readonly attribute: string;
  /** Canonical text of at most 512 characters; the caller puts a hash in the place of longer ones. */
  readonly value: string;
  /** The value as a number, for ranges over dates and integers. */
  readonly number: number | bigint | null;
}

/** A name of a live object. Several objects may share one; `objects.requireFreeName` refuses that where it matters. */
export interface IndexedName {
  readonly name: string;
  readonly nameType: number;
}

/** A managed object to be stored: version and creation order are the database's to give. */
export interface NewObject {
  readonly row: Omit<ObjectRow, "version" | "creationOrder">;
  readonly attributes: readonly IndexedAttribute[];
  readonly names: readonly IndexedName[];
}

/** What an update changes; what is absent stays. Index rows and names, where given, replace all earlier ones. */
export interface ObjectUpdate {
  readonly row?: Partial<Omit<ObjectRow, "tenantId" | "id" | "version" | "creationOrder">>;
  readonly attributes?: readonly IndexedAttribute[];
  readonly names?: readonly IndexedName[];
}

/** A key-changing operation on a token that has begun and whose outcome is not yet on record. */
export interface IntentRow {
  readonly id: string;
  readonly tenantId: string;
  readonly nodeId: string;
  readonly kind: string;
  readonly objectId: string;
  /** The CKA_ID concerned. */
  readonly tokenId: Buffer | null;
  readonly createdAt: number;
  readonly detail: JsonText;
}

/** One generation of a tenant's certification authority. */
export interface CertificateAuthorityRow {
  readonly tenantId: string;
  /** Counts from 1; the highest issues, the others are still trusted until they expire. */
  readonly generation: number;
  /** The Certificate object by which clients see it. */
  readonly certificateObjectId: string;
  /** DER. */
  readonly certificate: Buffer;
  /** By which the partition knows the signing key. */
  readonly keyId: string;
  readonly custody: string;
  /** The wrapped private key, or its CKA_ID in the token. */
  readonly material: Buffer;
  readonly keyEncryptionKeyVersion: number;
  /** Milliseconds since 1970, UTC. */
  readonly createdAt: number;
  readonly integrityTag: Buffer;
}

/** What happened, as the caller of audit.append tells it. */
export interface AuditRecord {
  /** The tenant whose chain takes the row; `serverChain` for what belongs to none. */
  readonly tenantId: string;
  readonly timeMs: number;
  /** Unique over all rows. */
  readonly eventId: string;
  readonly clientId: string | null;
  readonly clientName: string | null;
  readonly certificateFingerprint: string | null;
  readonly sourceAddress: string | null;
  readonly protocolVersion: string | null;
  readonly operation: string;
  readonly objectId: string | null;
  readonly partition: string | null;
  readonly outcome: string;
  readonly resultReason: string | null;
  readonly durationMicroseconds: number | null;
  readonly correlationId: string | null;
  readonly detail: JsonText | null;
}

/** The chain of rows that belong to no tenant: refused handshakes, administration of the server. */
export const serverChain = "server";

/** A row of the audit trail in its chain. */
export interface AuditRow extends AuditRecord {
  readonly nodeId: string;
  /** 1, 2, 3 … within tenant and node, without gaps. */
  readonly sequence: number;
  /** 32 bytes; zeros in the first row of a chain. */
  readonly previousHash: Buffer;
  /** SHA-256 over the canonical encoding of all other fields (audit-chain.ts). */
  readonly hash: Buffer;
}

/** Where a row stands in its chain: what appending it answers. */
export interface AuditPosition {
  readonly tenantId: string;
  readonly nodeId: string;
  readonly sequence: number;
  readonly hash: Buffer;
}

/** The state of a chain at a moment, signed. */
export interface AuditCheckpointRow extends AuditPosition {
  readonly timeMs: number;
  readonly signature: Buffer;
  readonly keyId: string;
}

export type OperatorRole = "administrator" | "auditor";

/** Somebody who may use the admin port, known by certificate. */
export interface OperatorRow {
  readonly fingerprint: string;
  readonly name: string;
  readonly role: OperatorRole;
  readonly state: CertificateState;
  readonly createdAt: number;
}

/** Columns of ObjectRow that Locate compares for equality. */
export type LocateEqualityColumn = "id" | "objectType" | "algorithm" | "length" | "fresh" | LocateDateColumn;

/** Columns of ObjectRow that Locate compares with a range. */
export const locateDateColumns = [
  "initialDate",
  "activationDate",
  "processStartDate",
  "protectStopDate",
  "deactivationDate",
  "destroyDate",
  "compromiseDate",
  "compromiseOccurrenceDate",
  "archiveDate",
  "lastChangeDate",
] as const;

/** A column of them. */
export type LocateDateColumn = (typeof locateDateColumns)[number];

/** One condition of a search; an object must meet all of them. Ranges include their limits; an absent limit is open. */
export type LocateFilter =
  | { readonly on: "column"; readonly column: LocateEqualityColumn; readonly equals: string | number | boolean }
  | { readonly on: "date"; readonly column: LocateDateColumn; readonly from?: number; readonly to?: number }
  /** The state at a time (seconds), activation and deactivation dates that have passed considered. */
  | { readonly on: "state"; readonly equals: number; readonly at: number }
  /** All bits of the mask are set in the object's Cryptographic Usage Mask. */
  | { readonly on: "usageMask"; readonly includes: number }
  | { readonly on: "attribute"; readonly attribute: string; readonly equals: string }
  | {
      readonly on: "attributeRange";
      readonly attribute: string;
      readonly from?: number | bigint;
      readonly to?: number | bigint;
    }
  | { readonly on: "name"; readonly name: string; readonly nameType?: number }
  /** The object is of none of these types. */
  | { readonly on: "otherType"; readonly types: readonly number[] }
  /** No object meets it: for a filter the caller knows but cannot satisfy. */
  | { readonly on: "nothing" };

/** Which objects a search considers and which part of the outcome is wanted. */
export interface LocateOptions {
  readonly limit: number;
  readonly offset?: number;
  /** Storage Status Mask (KMIP 2.1 §12.3): each kind is found only where asked for. */
  readonly online?: boolean;
  readonly archived?: boolean;
  readonly destroyed?: boolean;
  /** Whether to count all matches (Located Items). */
  readonly count?: boolean;
  /** Whether the objects created first come first. */
  readonly oldestFirst?: boolean;
}

/** Unique identifiers, most recently created first unless asked otherwise (KMIP 2.1 §6.1.28). */
export interface LocateResult {
  /** As items of the tag Unique Identifier. */
  readonly ids: TextItems;
  /** null unless asked for. */
  readonly total: number | null;
}

/** Which rows of the audit trail to list; what is absent does not restrict. */
export interface AuditFilter {
  readonly tenantId?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly objectId?: string;
  readonly clientId?: string;
  readonly clientName?: string;
  readonly operation?: string;
  readonly outcome?: string;
  readonly eventId?: string;
}

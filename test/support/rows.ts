import { randomBytes, randomUUID } from "node:crypto";
import { Operation } from "#protocol/enums/index.js";
import type { AsynchronousRequestRow } from "#storage/asynchronous-types.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { AuditRecord, ClientRow, NewObject, TenantRow } from "#storage/types.js";

/** A tenant that differs from all others. */
export function tenantRow(changes: Partial<TenantRow> = {}): TenantRow {
  const id = newIdentifier();
  return {
    id,
    name: `tenant-${id}`,
    state: "active",
    custodyDefault: "wrapped",
    partitionKind: "softhsm",
    module: "/usr/lib/softhsm/libsofthsm2.so",
    tokenLabel: `keyreeve-${id}`,
    tokenSerial: "0123456789abcdef",
    partitionFolder: "partition",
    sealedPin: Buffer.from("sealed"),
    sealedSoPin: null,
    createdAt: 1_700_000_000_000,
    changedAt: 1_700_000_000_000,
    settings: "{}",
    ...changes,
  };
}

/** An asynchronous request that was just submitted and differs from all others. */
export function asynchronousRequestRow(): AsynchronousRequestRow {
  return {
    tenantId: randomUUID(),
    id: randomBytes(16).toString("hex"),
    clientId: randomUUID(),
    batchId: randomUUID(),
    position: 0,
    isUnit: false,
    operation: Operation.Create,
    state: "submitted",
    submittedAt: 1,
    notBefore: 0,
    claim: null,
    claimedAt: null,
    nodeId: "node-1",
    obtainedAt: null,
    isProcessed: false,
    expiresAt: 2 ** 50,
    sealedRequest: randomBytes(64),
    sealedAnswer: null,
  };
}

/** A client of a tenant. */
export function clientRow(tenantId: string, changes: Partial<ClientRow> = {}): ClientRow {
  const id = newIdentifier();
  return {
    id,
    tenantId,
    name: `client-${id}`,
    state: "active",
    createdAt: 1_700_000_000_000,
    revokedAt: null,
    settings: "{}",
    ...changes,
  };
}

/** An AES key in state Pre-Active, with a name and two indexed attributes of its own. */
export function newObject(tenantId: string, changes: Partial<NewObject["row"]> = {}): NewObject {
  const id = changes.id ?? newIdentifier();
  return {
    row: {
      tenantId,
      id,
      objectType: 2,
      state: 1,
      custody: "wrapped",
      algorithm: 3,
      length: 256,
      usageMask: 12,
      initialDate: 1_700_000_000,
      activationDate: null,
      processStartDate: null,
      protectStopDate: null,
      deactivationDate: null,
      destroyDate: null,
      compromiseDate: null,
      compromiseOccurrenceDate: null,
      archiveDate: null,
      lastChangeDate: 1_700_000_000,
      rotateAt: null,
      fresh: true,
      attributes: "{}",
      material: Buffer.from(`material of ${id}`),
      materialInformation: "{}",
      keyEncryptionKeyVersion: 1,
      integrityTag: Buffer.alloc(32, 7),
      ...changes,
    },
    attributes: [
      { attribute: "Object Group", value: `group-${id}`, number: null },
      { attribute: "x-serial", value: id, number: null },
    ],
    names: [{ name: `name-${id}`, nameType: 1 }],
  };
}

/** What the audit would say of a Create. */
export function auditRecord(tenantId: string, changes: Partial<AuditRecord> = {}): AuditRecord {
  return {
    tenantId,
    timeMs: 1_700_000_000_123,
    eventId: newIdentifier(),
    clientId: "client",
    clientName: "demo-client",
    certificateFingerprint: "ab".repeat(32),
    sourceAddress: "127.0.0.1",
    protocolVersion: "1.4",
    operation: "Create",
    objectId: newIdentifier(),
    partition: "demo",
    outcome: "success",
    resultReason: null,
    durationMicroseconds: 1234,
    correlationId: null,
    detail: null,
    ...changes,
  };
}

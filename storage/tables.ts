import type {
  ClientCertificateRow,
  ClientCredentialRow,
  ClientRow,
  IndexedAttribute,
  IndexedName,
  IntentRow,
  NodeRow,
  ObjectOwnerRow,
  ObjectRow,
  OperatorRow,
  ServerStateRow,
  TenantRow,
  TenantSettingRow,
  TicketRightRow,
  TicketRow,
} from "./types.js";

/** How a field stands in its column. Booleans are 0 and 1, the same on every database. */
type ColumnKind = "text" | "integer" | "boolean" | "bytes";

/** A value as drivers bind it. */
export type Binding = string | number | Uint8Array | null;

/** A table: its name, its columns, and the way between a row of the database and a row of types.ts. */
export interface Table<Row> {
  readonly name: string;
  readonly fields: readonly (keyof Row & string)[];
  /** The column of a field. */
  column(field: keyof Row & string): string;
  /** What to select so that rows come back under their field names. */
  readonly selection: readonly string[];
  /** The values of a row in the order of `fields`. */
  bindings(row: Row): Binding[];
  /** Column and value for each field that `changes` holds. */
  assignments(changes: Partial<Row>): Record<string, Binding>;
  /** A selected row as the type says. */
  row(selected: Record<string, unknown>): Row;
}

/** The value as drivers bind it. 64-bit integers travel as decimal text, which the integer columns turn back. */
export function binding(value: unknown): Binding {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string" || typeof value === "number") return value;
  if (value instanceof Uint8Array) {
    return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  throw new TypeError(`a value of type ${typeof value} cannot be bound`);
}

function columnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The bytes in a buffer of their own, so that sending them to another thread does not copy their neighbours. */
export function ownBytes(value: Uint8Array): Buffer {
  const own = value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value);
  return Buffer.from(own.buffer, 0, own.byteLength);
}

/** Declares a table whose columns are named as its fields, in snake case. */
export function table<Row extends object>(
  name: string,
  columns: Readonly<Record<keyof Row & string, ColumnKind>>,
): Table<Row> {
  const fields = Object.keys(columns) as (keyof Row & string)[];
  const names = new Map(fields.map((field) => [field, columnName(field)]));
  const converted = fields.filter((field) => columns[field] === "boolean" || columns[field] === "bytes");
  const column = (field: keyof Row & string): string => {
    const found = names.get(field);
    if (found === undefined) throw new TypeError(`table ${name} has no field ${field}`);
    return found;
  };
  return {
    name,
    fields,
    column,
    selection: fields.map((field) => `${name}.${column(field)} as ${field}`),
    bindings: (row) => fields.map((field) => binding(row[field])),
    assignments(changes) {
      const result: Record<string, Binding> = {};
      for (const [field, value] of Object.entries(changes)) {
        if (value !== undefined) result[column(field as keyof Row & string)] = binding(value);
      }
      return result;
    },
    row(selected) {
      for (const field of converted) {
        const value = selected[field];
        if (columns[field] === "boolean") selected[field] = value === 1;
        else if (value instanceof Uint8Array) selected[field] = ownBytes(value);
      }
      return selected as Row;
    },
  };
}

export const serverStateTable = table<ServerStateRow>("server_state", { key: "text", value: "text" });

export const nodesTable = table<NodeRow>("nodes", {
  id: "text",
  name: "text",
  startedAt: "integer",
  softwareVersion: "text",
});

export const tenantsTable = table<TenantRow>("tenants", {
  id: "text",
  name: "text",
  state: "text",
  custodyDefault: "text",
  partitionKind: "text",
  module: "text",
  tokenLabel: "text",
  tokenSerial: "text",
  partitionFolder: "text",
  sealedPin: "bytes",
  sealedSoPin: "bytes",
  createdAt: "integer",
  changedAt: "integer",
  settings: "text",
});

export const clientsTable = table<ClientRow>("clients", {
  id: "text",
  tenantId: "text",
  name: "text",
  state: "text",
  createdAt: "integer",
  revokedAt: "integer",
  settings: "text",
});

export const clientCertificatesTable = table<ClientCertificateRow>("client_certificates", {
  fingerprint: "text",
  clientId: "text",
  tenantId: "text",
  subject: "text",
  issuer: "text",
  serialNumber: "text",
  notBefore: "integer",
  notAfter: "integer",
  state: "text",
  pem: "text",
  vouchedBy: "text",
});

export const clientCredentialsTable = table<ClientCredentialRow>("client_credentials", {
  clientId: "text",
  tenantId: "text",
  username: "text",
  passwordHash: "text",
  createdAt: "integer",
  kind: "text",
  sealedSecrets: "bytes",
  lastUsed: "integer",
});

export const tenantSettingsTable = table<TenantSettingRow>("tenant_settings", {
  tenantId: "text",
  name: "text",
  value: "text",
});

export const ticketsTable = table<TicketRow>("tickets", {
  id: "text",
  tenantId: "text",
  clientId: "text",
  kind: "text",
  expiresAt: "integer",
  requestsLeft: "integer",
  operationsLeft: "integer",
  rights: "text",
  createdAt: "integer",
});

export const ticketRightsTable = table<TicketRightRow>("ticket_rights", {
  ticketId: "text",
  place: "integer",
  operationsLeft: "integer",
});

export const objectOwnersTable = table<ObjectOwnerRow>("object_owners", {
  tenantId: "text",
  objectId: "text",
  owner: "text",
});

export const objectsTable = table<ObjectRow>("objects", {
  tenantId: "text",
  id: "text",
  objectType: "integer",
  state: "integer",
  version: "integer",
  creationOrder: "integer",
  custody: "text",
  algorithm: "integer",
  length: "integer",
  usageMask: "integer",
  initialDate: "integer",
  activationDate: "integer",
  processStartDate: "integer",
  protectStopDate: "integer",
  deactivationDate: "integer",
  destroyDate: "integer",
  compromiseDate: "integer",
  compromiseOccurrenceDate: "integer",
  archiveDate: "integer",
  lastChangeDate: "integer",
  rotateAt: "integer",
  fresh: "boolean",
  attributes: "text",
  material: "bytes",
  materialInformation: "text",
  keyEncryptionKeyVersion: "integer",
  integrityTag: "bytes",
});

/** A row of object_attributes; `creationOrder` is the object's, so that matches come out of the index in order. */
export interface ObjectAttributeRow extends IndexedAttribute {
  readonly tenantId: string;
  readonly creationOrder: number;
  readonly objectId: string;
}

export const objectAttributesTable = table<ObjectAttributeRow>("object_attributes", {
  tenantId: "text",
  attribute: "text",
  value: "text",
  creationOrder: "integer",
  objectId: "text",
  number: "integer",
});

/** A row of object_names. */
export interface ObjectNameRow extends IndexedName {
  readonly tenantId: string;
  readonly objectId: string;
}

export const objectNamesTable = table<ObjectNameRow>("object_names", {
  tenantId: "text",
  name: "text",
  nameType: "integer",
  objectId: "text",
});

export const intentsTable = table<IntentRow>("intents", {
  id: "text",
  tenantId: "text",
  nodeId: "text",
  kind: "text",
  objectId: "text",
  tokenId: "bytes",
  createdAt: "integer",
  detail: "text",
});

export const operatorsTable = table<OperatorRow>("operators", {
  fingerprint: "text",
  name: "text",
  role: "text",
  state: "text",
  createdAt: "integer",
});

import { StorageError, type StorageErrorCode, type UniqueConstraint } from "./errors.js";

/** How each rule of uniqueness is named by SQLite (table.column, …) and by PostgreSQL (the index). */
const uniqueConstraints = [
  ["tenants.id", "tenants.id", "tenants_pkey"],
  ["tenants.name", "tenants.name", "tenants_name_unique"],
  ["clients.id", "clients.id", "clients_pkey"],
  ["clients.name", "clients.tenant_id, clients.name", "clients_tenant_id_name_unique"],
  ["client_certificates.fingerprint", "client_certificates.fingerprint", "client_certificates_pkey"],
  [
    "client_credentials.username",
    "client_credentials.tenant_id, client_credentials.username",
    "client_credentials_pkey",
  ],
  ["objects.id", "objects.tenant_id, objects.id", "objects_pkey"],
  [
    "object_attributes",
    "object_attributes.tenant_id, object_attributes.attribute, object_attributes.value, object_attributes.creation_order, object_attributes.object_id",
    "object_attributes_pkey",
  ],
  ["intents.id", "intents.id", "intents_pkey"],
  [
    "asynchronous_requests.id",
    "asynchronous_requests.tenant_id, asynchronous_requests.id",
    "asynchronous_requests_pkey",
  ],
  ["tasks.open", "tasks.tenant_id, tasks.kind", "tasks_open"],
  [
    "trusted_authorities.name",
    "trusted_authorities.tenant_id, trusted_authorities.name",
    "trusted_authorities_tenant_id_name_unique",
  ],
  ["destinations.name", "destinations.tenant_id, destinations.name", "destinations_tenant_id_name_unique"],
  ["audit.sequence", "audit.tenant_id, audit.node_id, audit.sequence", "audit_pkey"],
  ["audit.event_id", "audit.event_id", "audit_event_id_unique"],
  [
    "audit_checkpoints.sequence",
    "audit_checkpoints.tenant_id, audit_checkpoints.node_id, audit_checkpoints.sequence",
    "audit_checkpoints_pkey",
  ],
  ["operators.fingerprint", "operators.fingerprint", "operators_pkey"],
  ["operators.name", "operators.name", "operators_name_unique"],
] as const satisfies readonly (readonly [UniqueConstraint, string, string])[];

/** The text by which the triggers of the audit tables refuse. */
export const immutableMessage = "rows of the audit trail are immutable";

/** Codes of SQLite (sqlite.org/rescode.html), of which extended ones start with the primary, and of the file system. */
const sqliteCodes = [
  ["SQLITE_FULL", "full"],
  ["SQLITE_READONLY", "read-only"],
  ["SQLITE_CORRUPT", "damaged"],
  ["SQLITE_NOTADB", "damaged"],
  ["SQLITE_BUSY", "unavailable"],
  ["SQLITE_LOCKED", "unavailable"],
  ["SQLITE_IOERR", "unavailable"],
  ["SQLITE_CANTOPEN", "unavailable"],
  ["SQLITE_PROTOCOL", "unavailable"],
  ["SQLITE_NOMEM", "unavailable"],
  // Of the file system, before SQLite comes into it.
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["EROFS", "read-only"],
  ["EACCES", "unavailable"],
  ["ENOENT", "unavailable"],
  ["EISDIR", "unavailable"],
] as const satisfies readonly (readonly [string, StorageErrorCode])[];

/** SQLSTATE codes or classes (PostgreSQL manual, appendix A). The first that fits counts. */
const postgresCodes = [
  ["53100", "full"],
  ["25006", "read-only"],
  ["25P03", "unavailable"],
  ["XX001", "damaged"],
  ["XX002", "damaged"],
  ["08", "unavailable"],
  ["28", "unavailable"],
  ["3D", "unavailable"],
  ["40", "unavailable"],
  ["53", "unavailable"],
  ["55P03", "unavailable"],
  ["57", "unavailable"],
  ["58", "unavailable"],
] as const satisfies readonly (readonly [string, StorageErrorCode])[];

interface DriverError {
  readonly message: string;
  readonly code: string | undefined;
  readonly constraint: string | undefined;
}

function driverError(error: unknown): DriverError {
  if (!(error instanceof Error)) return { message: String(error), code: undefined, constraint: undefined };
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return {
    message: error.message,
    code: typeof code === "string" ? code : undefined,
    constraint: typeof constraint === "string" ? constraint : undefined,
  };
}

function duplicate(constraint: UniqueConstraint | undefined, cause: unknown): StorageError {
  const which = constraint ?? "other";
  return new StorageError("duplicate", `a row with this ${which} is there already`, { constraint: which, cause });
}

/** An error of better-sqlite3 or sqlite3 in our terms. */
export function sqliteError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const { message, code } = driverError(error);
  if (message.includes(immutableMessage)) return new StorageError("immutable", immutableMessage, { cause: error });
  const unique = /UNIQUE constraint failed: (.+)$/.exec(message)?.[1];
  if (unique !== undefined) {
    return duplicate(uniqueConstraints.find(([, columns]) => columns === unique)?.[0], error);
  }
  const known = sqliteCodes.find(([prefix]) => code?.startsWith(prefix));
  return new StorageError(known?.[1] ?? "internal", `SQLite: ${code ?? "error"}: ${message}`, { cause: error });
}

// Always with a digit, unlike EPIPE.
const sqlState = /^(?=.*\d)[0-9A-Z]{5}$/;

/** An error of pg in our terms. What has no SQLSTATE came from the connection, not from the server. */
export function postgresError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const { message, code, constraint } = driverError(error);
  if (error instanceof TypeError) return new StorageError("internal", message, { cause: error });
  if (code === undefined || !sqlState.test(code)) {
    return new StorageError("unavailable", `PostgreSQL: ${code ?? "connection"}: ${message}`, { cause: error });
  }
  if (message.includes(immutableMessage)) return new StorageError("immutable", immutableMessage, { cause: error });
  if (code === "23505") {
    return duplicate(uniqueConstraints.find(([, , index]) => index === constraint)?.[0], error);
  }
  const known = postgresCodes.find(([prefix]) => code.startsWith(prefix));
  return new StorageError(known?.[1] ?? "internal", `PostgreSQL: ${code}: ${message}`, { cause: error });
}

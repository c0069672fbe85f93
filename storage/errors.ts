/** Why the database did not do what it was asked. Switch on the code; the message is for the log, never for a client. */
export type StorageErrorCode =
  /** A value that must be unique is there already; `constraint` says which. */
  | "duplicate"
  /** The row is not at the version the caller saw, or is not there. Read again and decide again. */
  | "conflict"
  /** The database cannot be reached or did not answer in time. Worth trying again later. */
  | "unavailable"
  /** Too many calls are waiting already. Worth trying again later. */
  | "overloaded"
  /** Nothing is left of what the change takes from. */
  | "used-up"
  /** The rows of one owner would exceed a limit of the caller's. */
  | "limit"
  /** No space is left. */
  | "full"
  /** The database, or its file system, takes no writes. */
  | "read-only"
  /** The database lacks what it had acknowledged: it is another one, or an earlier state of it. */
  | "behind"
  /** The database file is not one, or is corrupt. */
  | "damaged"
  /** The rows of the audit trail cannot be altered. */
  | "immutable"
  /** A programming error: a bad statement, a value of the wrong type, an unknown repository. */
  | "internal";

/** The rules of uniqueness a caller may run into, by table and columns. */
export type UniqueConstraint =
  | "tenants.id"
  | "tenants.name"
  | "clients.id"
  | "clients.name"
  | "client_certificates.fingerprint"
  | "client_credentials.username"
  | "objects.id"
  | "object_names.name"
  | "object_attributes"
  | "intents.id"
  | "asynchronous_requests.id"
  | "destinations.name"
  | "trusted_authorities.name"
  | "tasks.open"
  | "audit.sequence"
  | "audit.event_id"
  | "audit_checkpoints.sequence"
  | "operators.fingerprint"
  | "operators.name"
  | "other";

/** The one error of storage/. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;
  /** Set exactly where the code is `duplicate`. */
  readonly constraint: UniqueConstraint | undefined;
  /** The connection broke while the commit was under way: it may have happened. */
  readonly outcomeUnknown: boolean;
  /** The database was known to be away and was not asked: its outage has been reported. */
  readonly isForeseen: boolean;

  constructor(
    code: StorageErrorCode,
    message: string,
    options: { constraint?: UniqueConstraint; outcomeUnknown?: boolean; isForeseen?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StorageError";
    this.code = code;
    this.constraint = options.constraint;
    this.outcomeUnknown = options.outcomeUnknown ?? false;
    this.isForeseen = options.isForeseen ?? false;
  }
}

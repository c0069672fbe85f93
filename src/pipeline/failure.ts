import { MessageError, type MessageErrorCode } from "#protocol/schema/error.js";
import { CryptoError, type CryptoErrorCode } from "#src/crypto/port.js";
import { KmipError, type ReasonName } from "#src/objects/kmip-error.js";
import { StorageError, type StorageErrorCode } from "#storage/errors.js";

/** What a client is told when something goes wrong, and whether the log must hear more. */
export interface Failure {
  readonly error: KmipError;
  /**
   * `fault`: a defect of the server or its surroundings, to be logged as an error with its cause. `known`: what comes of
   * one that the log has already; lines about each request would only fill its disk.
   */
  readonly severity: "expected" | "fault" | "known";
}

const messageReasons: Readonly<Record<MessageErrorCode, ReasonName>> = {
  "missing-field": "InvalidMessage",
  "unknown-attribute": "UnsupportedAttribute",
  "unknown-field": "UnknownTag",
  "repeated-field": "InvalidMessage",
  "wrong-type": "InvalidDataType",
  "out-of-range": "NumericRange",
  "unknown-enumeration": "UnknownEnumeration",
  inconsistent: "InvalidMessage",
};

type Told = { readonly reason: ReasonName; readonly message: string; readonly severity: Failure["severity"] };

const unavailable: Told = {
  reason: "InternalServerError",
  message: "the server cannot reach its key storage at the moment; try again",
  severity: "fault",
};

const cryptoFailures: Readonly<Record<CryptoErrorCode, Told>> = {
  "invalid-data": {
    reason: "CryptographicFailure",
    message: "the data do not fit the key and its parameters",
    severity: "expected",
  },
  "decryption-failed": { reason: "CryptographicFailure", message: "decryption failed", severity: "expected" },
  unsupported: {
    reason: "UnsupportedCryptographicParameters",
    message: "the token of this tenant does not perform this algorithm with these parameters",
    severity: "expected",
  },
  "not-extractable": { reason: "NotExtractable", message: "the key does not leave the token", severity: "expected" },
  "stream-lost": {
    reason: "InvalidCorrelationValue",
    message: "what the correlation value named is lost; begin again",
    severity: "expected",
  },
  "key-missing": { reason: "CryptographicFailure", message: "the key is not in the token", severity: "fault" },
  unavailable,
  overloaded: { reason: "ServerLimitExceeded", message: "the token is busy; try again", severity: "expected" },
  "token-full": { reason: "ServerLimitExceeded", message: "the token has no room for another key", severity: "fault" },
  damaged: { reason: "InternalServerError", message: "the stored key does not open", severity: "fault" },
  "device-error": {
    reason: "CryptographicFailure",
    message: "the token reported an error, which the server's log has; try again",
    severity: "fault",
  },
};

const unrecordable: Told = {
  reason: "InternalServerError",
  message: "the server cannot record this request at the moment, so it was not performed; try again",
  severity: "fault",
};

const uncertain: Told = {
  reason: "InternalServerError",
  message: "the server cannot tell whether this request was recorded; look before it is repeated",
  severity: "fault",
};

const storageFailures: Readonly<Partial<Record<StorageErrorCode, Told>>> = {
  conflict: {
    reason: "GeneralFailure",
    message: "the object was changed by another request at the same time; try again",
    severity: "expected",
  },
  overloaded: {
    reason: "ServerLimitExceeded",
    message: "too much waits for the database, so the request was not performed; try again",
    severity: "expected",
  },
  "used-up": { reason: "UsageLimitExceeded", message: "the ticket allows no more operations", severity: "expected" },
  limit: {
    reason: "ServerLimitExceeded",
    message: "too many asynchronous requests are outstanding; poll or cancel some of them",
    severity: "expected",
  },
};

function duplicateFailure(error: StorageError): KmipError {
  if (error.constraint === "object_names.name") {
    return new KmipError("NonUniqueNameAttribute", "another object has this name", { cause: error });
  }
  if (error.constraint === "objects.id") {
    return new KmipError("ObjectAlreadyExists", "an object with this identifier exists", { cause: error });
  }
  if (error.constraint === "client_certificates.fingerprint") {
    return new KmipError("InvalidField", "the certificate is registered already", { cause: error });
  }
  return new KmipError("InternalServerError", unrecordable.message, { cause: error });
}

function told({ reason, message, severity }: Told, cause: unknown): Failure {
  return { error: new KmipError(reason, message, { cause }), severity };
}

/** Whether what was thrown leaves open whether the work was done. */
export function isOutcomeUnknown(thrown: unknown): thrown is StorageError {
  return thrown instanceof StorageError && thrown.outcomeUnknown;
}

/** Turns whatever was thrown into what the client is told. Nothing of an unexpected error's text goes out. */
export function failureOf(thrown: unknown, correlationId: string): Failure {
  if (thrown instanceof KmipError) {
    return { error: thrown, severity: thrown.reason === "InternalServerError" ? "fault" : "expected" };
  }
  if (thrown instanceof MessageError) {
    const error = new KmipError(messageReasons[thrown.code], thrown.message, { cause: thrown });
    return { error, severity: "expected" };
  }
  if (thrown instanceof CryptoError) return told(cryptoFailures[thrown.code], thrown);
  if (thrown instanceof StorageError) {
    if (thrown.outcomeUnknown) return told(uncertain, thrown);
    if (thrown.code === "duplicate") return { error: duplicateFailure(thrown), severity: "expected" };
    const failure = told(storageFailures[thrown.code] ?? unrecordable, thrown);
    return thrown.isForeseen ? { ...failure, severity: "known" } : failure;
  }
  const message = `internal error; the operator finds it in the log under ${correlationId}`;
  return { error: new KmipError("InternalServerError", message, { cause: thrown }), severity: "fault" };
}

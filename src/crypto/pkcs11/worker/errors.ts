import pkcs11js from "pkcs11js";
import { CryptoError, type CryptoErrorCode } from "../../port.js";
import type { FaultName } from "../faults.js";

/** A failed call of the worker; `restart` says that the worker is not to be trusted any more. */
export class WorkerFailure extends CryptoError {
  readonly restart: boolean;
  /** The fault behind it, where the code alone does not say. */
  readonly fault: FaultName | undefined;

  constructor(
    code: CryptoErrorCode,
    message: string,
    options: { returnValue?: number; cause?: unknown; restart?: boolean; fault?: FaultName } = {},
  ) {
    super(code, message, options);
    this.name = "WorkerFailure";
    this.restart = options.restart ?? false;
    this.fault = options.fault;
  }
}

/** What a return value of the module means for the caller. */
export type FailureKind =
  | CryptoErrorCode
  | "stale-handle"
  | "general"
  | "login-refused"
  | "device-failed"
  | Extract<FaultName, "session-lost" | "session-poisoned" | "sessions-exhausted" | "login-lost" | "token-missing">;

/** Kinds after which the worker is not to be trusted any more, each with the fault it is. */
export const RESTARTING: Readonly<Partial<Record<FailureKind, FaultName>>> = {
  "session-lost": "session-lost",
  "session-poisoned": "session-poisoned",
  "login-lost": "login-lost",
  "token-missing": "token-missing",
  "login-refused": "pin-refused",
  "device-failed": "device-error",
};

/** CKR_CURVE_NOT_SUPPORTED, which pkcs11js does not name (PKCS#11 3.0 §2.1). */
const CURVE_NOT_SUPPORTED = 0x140;

const KINDS: ReadonlyMap<number, FailureKind> = new Map<number, FailureKind>([
  [pkcs11js.CKR_HOST_MEMORY, "device-failed"],
  [pkcs11js.CKR_SLOT_ID_INVALID, "token-missing"],
  [pkcs11js.CKR_GENERAL_ERROR, "general"],
  [pkcs11js.CKR_FUNCTION_FAILED, "general"],
  [pkcs11js.CKR_ARGUMENTS_BAD, "invalid-data"],
  [pkcs11js.CKR_ATTRIBUTE_SENSITIVE, "not-extractable"],
  [pkcs11js.CKR_ATTRIBUTE_VALUE_INVALID, "invalid-data"],
  [pkcs11js.CKR_DATA_INVALID, "invalid-data"],
  [pkcs11js.CKR_DATA_LEN_RANGE, "invalid-data"],
  [pkcs11js.CKR_DEVICE_ERROR, "device-failed"],
  [pkcs11js.CKR_DEVICE_MEMORY, "token-full"],
  [pkcs11js.CKR_DEVICE_REMOVED, "token-missing"],
  [pkcs11js.CKR_ENCRYPTED_DATA_INVALID, "decryption-failed"],
  [pkcs11js.CKR_ENCRYPTED_DATA_LEN_RANGE, "decryption-failed"],
  [pkcs11js.CKR_FUNCTION_NOT_SUPPORTED, "unsupported"],
  [pkcs11js.CKR_KEY_HANDLE_INVALID, "stale-handle"],
  [pkcs11js.CKR_KEY_SIZE_RANGE, "unsupported"],
  [pkcs11js.CKR_KEY_TYPE_INCONSISTENT, "invalid-data"],
  [pkcs11js.CKR_KEY_INDIGESTIBLE, "not-extractable"],
  [pkcs11js.CKR_KEY_FUNCTION_NOT_PERMITTED, "invalid-data"],
  [pkcs11js.CKR_KEY_NOT_WRAPPABLE, "not-extractable"],
  [pkcs11js.CKR_KEY_UNEXTRACTABLE, "not-extractable"],
  [pkcs11js.CKR_MECHANISM_INVALID, "unsupported"],
  [pkcs11js.CKR_MECHANISM_PARAM_INVALID, "invalid-data"],
  [pkcs11js.CKR_OBJECT_HANDLE_INVALID, "stale-handle"],
  [pkcs11js.CKR_OPERATION_ACTIVE, "session-poisoned"],
  [pkcs11js.CKR_OPERATION_NOT_INITIALIZED, "session-poisoned"],
  [pkcs11js.CKR_PIN_INCORRECT, "login-refused"],
  [pkcs11js.CKR_PIN_LEN_RANGE, "login-refused"],
  [pkcs11js.CKR_PIN_EXPIRED, "login-refused"],
  [pkcs11js.CKR_PIN_LOCKED, "login-refused"],
  [pkcs11js.CKR_SESSION_CLOSED, "session-lost"],
  [pkcs11js.CKR_SESSION_COUNT, "sessions-exhausted"],
  [pkcs11js.CKR_SESSION_HANDLE_INVALID, "session-lost"],
  [pkcs11js.CKR_TEMPLATE_INCOMPLETE, "unsupported"],
  [pkcs11js.CKR_TEMPLATE_INCONSISTENT, "unsupported"],
  [pkcs11js.CKR_TOKEN_NOT_PRESENT, "token-missing"],
  [pkcs11js.CKR_TOKEN_NOT_RECOGNIZED, "token-missing"],
  [pkcs11js.CKR_UNWRAPPING_KEY_HANDLE_INVALID, "stale-handle"],
  [pkcs11js.CKR_UNWRAPPING_KEY_SIZE_RANGE, "invalid-data"],
  [pkcs11js.CKR_USER_NOT_LOGGED_IN, "login-lost"],
  [pkcs11js.CKR_WRAPPED_KEY_INVALID, "decryption-failed"],
  [pkcs11js.CKR_WRAPPED_KEY_LEN_RANGE, "decryption-failed"],
  [pkcs11js.CKR_WRAPPING_KEY_HANDLE_INVALID, "stale-handle"],
  [pkcs11js.CKR_WRAPPING_KEY_SIZE_RANGE, "invalid-data"],
  [pkcs11js.CKR_CRYPTOKI_NOT_INITIALIZED, "device-failed"],
  [CURVE_NOT_SUPPORTED, "unsupported"],
]);

/** The return value in an error that pkcs11js threw; undefined for any other error. */
export function returnValueOf(error: unknown): number | undefined {
  return error instanceof pkcs11js.Pkcs11Error ? error.code : undefined;
}

/** Sorts an error of the module by what it means; undefined for an error that is not the module's. */
export function failureKindOf(error: unknown): FailureKind | undefined {
  const returnValue = returnValueOf(error);
  return returnValue === undefined ? undefined : (KINDS.get(returnValue) ?? "device-error");
}

/** The failure for data that were refused before the token saw them. */
export function invalidData(message: string): WorkerFailure {
  return new WorkerFailure("invalid-data", message);
}

/** The failure for what the token cannot do. */
export function unsupported(message: string): WorkerFailure {
  return new WorkerFailure("unsupported", message);
}

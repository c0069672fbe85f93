import { AdministrationError, type AdministrationErrorCode } from "#src/administration/errors.js";
import { CryptoError } from "#src/crypto/port.js";
import { StorageError } from "#storage/errors.js";

/** What a request that is not served is answered. */
export interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

/** Why the admin port does not serve a request, before anything is asked of the administration. */
export class AdminRefusal extends Error {
  readonly statusCode: number;
  readonly code: string;

  constructor(statusCode: number, code: string, message: string) {
    super(message);
    this.name = "AdminRefusal";
    this.statusCode = statusCode;
    this.code = code;
  }
}

const administrationStatus: Readonly<Record<AdministrationErrorCode, number>> = {
  "not-found": 404,
  exists: 409,
  invalid: 400,
  "wrong-state": 409,
};

/** A refusal, as status and words. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Nobody foresaw it: it goes to the log whole, and the answer says nothing of it. */
  readonly unexpected: boolean;
}

const temporary = new Set(["unavailable", "overloaded", "full", "read-only", "behind"]);

/** What the error of a request means for whoever made it. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof AdministrationError) {
    return { status: administrationStatus[error.code], code: error.code, message: error.message, unexpected: false };
  }
  if (error instanceof AdminRefusal) {
    return { status: error.statusCode, code: error.code, message: error.message, unexpected: false };
  }
  if (error instanceof CryptoError) {
    return {
      status: 502,
      code: `hsm-${error.code}`,
      message: `the HSM did not do it: ${error.message}`,
      unexpected: false,
    };
  }
  if (error instanceof StorageError && temporary.has(error.code)) {
    const message = "the database does not take this now; look at the server's log, and try again later";
    return { status: 503, code: `database-${error.code}`, message, unexpected: true };
  }
  const status = clientFault(error);
  if (status !== undefined && error instanceof Error) {
    return { status, code: status === 413 ? "too-large" : "invalid", message: error.message, unexpected: false };
  }
  const message = "the server failed; its log says why under this request's identifier";
  return { status: 500, code: "failed", message, unexpected: true };
}

/** The status of what fastify itself refuses: a body that is no JSON, a parameter against its schema. */
function clientFault(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  return error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : undefined;
}

import pkcs11js from "pkcs11js";
import { CryptoError } from "../../port.js";
import { failureKindOf, RESTARTING, returnValueOf, WorkerFailure } from "./errors.js";
import type { Token } from "./token.js";

/** What a failure without a reason means in the operation that met it. */
export type UnexplainedCode = "device-error" | "decryption-failed" | "damaged";

/** The failure to report for an error of an operation. `general` is the code for what the module does not explain. */
export function explainFailure(token: Token, error: unknown, general: UnexplainedCode): CryptoError {
  if (error instanceof CryptoError) {
    return error;
  }
  const kind = failureKindOf(error);
  const returnValue = returnValueOf(error) ?? 0;
  const message = error instanceof Error ? error.message : "unknown error";
  const options = { returnValue, cause: error };
  // A handle that stays stale after its key was opened anew: the token was reset under this login.
  if (kind === "stale-handle") {
    const fault = token.loggedIn ? "session-lost" : "login-lost";
    return new WorkerFailure("unavailable", message, { ...options, restart: true, fault });
  }
  if (kind === undefined || kind === "device-error") {
    return new WorkerFailure("device-error", message, options);
  }
  if (kind === "sessions-exhausted") {
    return new WorkerFailure("overloaded", message, { ...options, fault: kind });
  }
  if (kind === "general") {
    return unexplained(token, general, message, options);
  }
  const restarting = RESTARTING[kind];
  if (restarting !== undefined) {
    return new WorkerFailure("unavailable", message, { ...options, restart: true, fault: restarting });
  }
  return inOperation(kind as CryptoError["code"], general, message, options);
}

type Options = { readonly returnValue: number; readonly cause: unknown };

/** A failure that the module explains, as the operation sees it: one code for all that is wrong with data to decrypt. */
function inOperation(code: CryptoError["code"], general: UnexplainedCode, message: string, options: Options) {
  const decrypting = general !== "device-error" && (code === "invalid-data" || code === "decryption-failed");
  const isMissing = options.returnValue === pkcs11js.CKR_MECHANISM_INVALID;
  return new WorkerFailure(decrypting ? general : code, message, {
    ...options,
    ...(isMissing ? { fault: "mechanism-missing" } : {}),
  });
}

/** A failure that the module does not explain counts as one of the operation only while the token is known to be there. */
function unexplained(token: Token, general: UnexplainedCode, message: string, options: Options): CryptoError {
  try {
    token.checkCanaryLately();
  } catch (missing) {
    return explainFailure(token, missing, "device-error");
  }
  return new WorkerFailure(general, message, options);
}

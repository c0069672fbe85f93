import pkcs11js from "pkcs11js";
import { failureKindOf, RESTARTING, returnValueOf, WorkerFailure } from "./errors.js";
import { noteFault } from "./notes.js";

const SESSION_FLAGS = pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION;

/** CKS_RO_USER_FUNCTIONS and CKS_RW_USER_FUNCTIONS: the user is logged in (PKCS#11 §4.2). */
const LOGGED_IN_STATES: ReadonlySet<number> = new Set([1, 3]);

/** What to do again in a new session: a session that failed, or also an operation that failed without a reason. */
export type Repeating = "lost-sessions" | "unexplained-failures";

/** The sessions of one logged-in token: an idle one that holds the login and the session objects, and one for operations. */
export class Sessions {
  readonly #module: pkcs11js.PKCS11;
  readonly #slot: pkcs11js.Handle;
  /** Never carries an operation that can stay active, and is never closed. */
  readonly keeper: pkcs11js.Handle;
  #operation: pkcs11js.Handle | null = null;

  /** Opens the session that holds the login; the caller logs in. */
  constructor(module: pkcs11js.PKCS11, slot: pkcs11js.Handle) {
    this.#module = module;
    this.#slot = slot;
    this.keeper = module.C_OpenSession(slot, SESSION_FLAGS);
  }

  /** Whether the token still knows the login. */
  get loggedIn(): boolean {
    try {
      return LOGGED_IN_STATES.has(this.#module.C_GetSessionInfo(this.keeper).state);
    } catch (error) {
      if (returnValueOf(error) === undefined) throw error;
      return false;
    }
  }

  /** A session of its own for an operation in parts; the caller closes it. */
  open(): pkcs11js.Handle {
    return this.#module.C_OpenSession(this.#slot, SESSION_FLAGS);
  }

  /** Closes a session, also one that is gone. Throws `unavailable` and asks for a new worker where that fails. */
  close(session: pkcs11js.Handle): void {
    try {
      this.#module.C_CloseSession(session);
    } catch (cause) {
      const kind = failureKindOf(cause);
      if (kind === "session-lost") return;
      const fault = (kind === undefined ? undefined : RESTARTING[kind]) ?? "session-lost";
      throw new WorkerFailure("unavailable", "a session could not be closed", { cause, restart: true, fault });
    }
  }

  /**
   * Runs an operation that does no harm twice in the session for operations. A session that saw a failure is closed and
   * never used again; where the session itself failed (or, as `repeating` says, the operation without a reason), the
   * operation is run once more in a new one.
   */
  operate<Result>(run: (session: pkcs11js.Handle) => Result, repeating: Repeating): Result {
    try {
      return this.#inSession(run);
    } catch (error) {
      const kind = failureKindOf(error);
      const isSession = kind === "session-lost" || kind === "session-poisoned";
      const isUnexplained = kind === "general" || kind === "device-error";
      const isRepeated = isSession || (isUnexplained && repeating === "unexplained-failures");
      if (!isRepeated || !this.loggedIn) throw error;
      const result = this.#inSession(run);
      const returnValue = returnValueOf(error) ?? 0;
      const message = error instanceof Error ? error.message : "unknown error";
      noteFault({ fault: isSession ? kind : "device-error", message, returnValue, retried: true });
      return result;
    }
  }

  #inSession<Result>(run: (session: pkcs11js.Handle) => Result): Result {
    const session = this.#operation ?? this.open();
    this.#operation = session;
    try {
      return run(session);
    } catch (error) {
      this.#operation = null;
      this.close(session);
      throw error;
    }
  }
}

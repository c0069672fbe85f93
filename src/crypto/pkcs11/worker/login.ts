import pkcs11js from "pkcs11js";
import { failureKindOf, returnValueOf, WorkerFailure } from "./errors.js";

/** Flags of a token that says how often in a row its user PIN was wrong (PKCS#11 §4.3 CK_TOKEN_INFO). */
const FAILURES_COUNTED =
  pkcs11js.CKF_USER_PIN_COUNT_LOW | pkcs11js.CKF_USER_PIN_FINAL_TRY | pkcs11js.CKF_USER_PIN_LOCKED;

/** The token refuses the PIN, or it is not tried. */
export class PinRefusal extends WorkerFailure {
  /** Whether the token counts wrong PINs, and so will say when there are none any more. */
  readonly counted: boolean;

  constructor(message: string, counted: boolean, options: { readonly returnValue?: number; readonly cause?: unknown }) {
    super("unavailable", message, { ...options, restart: true, fault: "pin-refused" });
    this.counted = counted;
  }
}

/** Why a PIN is not to be tried; null where it may be. `refusedBefore`: the token has refused this very PIN. */
function objection(flags: number, refusedBefore: boolean): string | null {
  if ((flags & pkcs11js.CKF_USER_PIN_LOCKED) !== 0) return "the token has locked its user PIN";
  if ((flags & pkcs11js.CKF_USER_PIN_FINAL_TRY) !== 0) return "one more wrong PIN would lock the token";
  if (refusedBefore && (flags & FAILURES_COUNTED) !== 0) return "the token has refused this PIN; it is not tried again";
  return null;
}

/** Logs in as the user, once: never with the last try of a token, nor again with a PIN that it has refused. */
export function logIn(
  module: pkcs11js.PKCS11,
  slot: pkcs11js.Handle,
  session: pkcs11js.Handle,
  { pin, refusedBefore }: { readonly pin: Buffer; readonly refusedBefore: boolean },
): void {
  const reason = objection(module.C_GetTokenInfo(slot).flags, refusedBefore);
  if (reason !== null) throw new PinRefusal(reason, true, { returnValue: pkcs11js.CKR_PIN_INCORRECT });
  try {
    module.C_Login(session, pkcs11js.CKU_USER, pin.toString("utf8"));
  } catch (cause) {
    if (failureKindOf(cause) !== "login-refused") throw cause;
    const counted = (module.C_GetTokenInfo(slot).flags & FAILURES_COUNTED) !== 0;
    const message = `the token refuses the PIN: ${cause instanceof Error ? cause.message : ""}`;
    throw new PinRefusal(message, counted, { returnValue: returnValueOf(cause) ?? pkcs11js.CKR_PIN_INCORRECT, cause });
  }
}

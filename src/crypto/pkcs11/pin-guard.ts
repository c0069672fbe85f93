import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { CryptoError } from "../port.js";

/** CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED and CKR_PIN_LOCKED. */
const PIN_REFUSALS: ReadonlySet<number | undefined> = new Set([0xa0, 0xa2, 0xa3, 0xa4]);

/** Whether a module's answer says that the PIN is wrong or locked: more tries may lock the token. */
export function isPinRefusal(returnValue: number | undefined): boolean {
  return PIN_REFUSALS.has(returnValue);
}

/** A PIN is not tried because the token has refused it. */
export class PinNotTried extends CryptoError {
  constructor() {
    super("unavailable", "the token has refused this PIN; it is not tried again");
  }
}

/**
 * Keeps a PIN that the token has refused from being tried again: tokens lock themselves. Remembers only a keyed digest
 * of it. A token that counts failures is asked whether there are still any before the same PIN is tried once more.
 */
export class PinGuard {
  readonly #digestKey = randomBytes(32);
  #tried: Buffer | null = null;
  #refused: { readonly digest: Buffer; readonly counted: boolean } | null = null;

  /**
   * Notes that a PIN is about to be tried; true where the token has refused it before, and may be asked whether that
   * still counts. Throws PinNotTried where it has refused it and does not count.
   */
  trying(pin: Buffer): boolean {
    const digest = createHmac("sha256", this.#digestKey).update(pin).digest();
    this.#tried = digest;
    if (this.#refused === null || !timingSafeEqual(this.#refused.digest, digest)) return false;
    if (!this.#refused.counted) throw new PinNotTried();
    return true;
  }

  /** Notes that the token refused the PIN tried last, and whether it counts failures. */
  refused(counted: boolean): void {
    this.#refused = this.#tried === null ? null : { digest: this.#tried, counted };
  }
}

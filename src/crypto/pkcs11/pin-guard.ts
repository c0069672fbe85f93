import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { CryptoError } from "../port.js";

/** CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED and CKR_PIN_LOCKED. */
const PIN_REFUSALS: ReadonlySet<number | undefined> = new Set([0xa0, 0xa2, 0xa3, 0xa4]);

/** Whether a module's answer says that the PIN is wrong or locked: more tries may lock the token. */
export function isPinRefusal(returnValue: number | undefined): boolean {
  return PIN_REFUSALS.has(returnValue);
}

/** A PIN that the token refused is tried again after so many milliseconds, not earlier: tokens lock themselves. */
const RETRY_AFTER = 300_000;

/** Keeps a PIN the token has refused from being tried over and over. Remembers only a keyed digest of it. */
export class PinGuard {
  readonly #now: () => number;
  readonly #digestKey = randomBytes(32);
  #tried: Buffer | null = null;
  #refused: { readonly digest: Buffer; readonly at: number } | null = null;

  /** `now` gives milliseconds that never run backwards. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes that a PIN is about to be tried; throws `unavailable` where the token has refused it lately. */
  trying(pin: Buffer): void {
    const digest = createHmac("sha256", this.#digestKey).update(pin).digest();
    const refused = this.#refused;
    if (refused !== null && this.#now() - refused.at < RETRY_AFTER && timingSafeEqual(refused.digest, digest)) {
      throw new CryptoError("unavailable", "the token has refused this PIN; it is not tried again for now");
    }
    this.#tried = digest;
  }

  /** Notes that the token refused the PIN tried last. */
  refused(): void {
    this.#refused = this.#tried === null ? null : { digest: this.#tried, at: this.#now() };
  }
}

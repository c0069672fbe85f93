import { createHmac, randomBytes } from "node:crypto";
import { sameSecret } from "#src/secrecy/same-secret.js";
import { CryptoError } from "../port.js";
import type { RefusedPinFile } from "./refused-pin-file.js";

/** CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED and CKR_PIN_LOCKED. */
const PIN_REFUSALS: ReadonlySet<number | undefined> = new Set([0xa0, 0xa2, 0xa3, 0xa4]);

/** Whether a module's answer says that the PIN is wrong or locked: more tries may lock the token. */
export function isPinRefusal(returnValue: number | undefined): boolean {
  return PIN_REFUSALS.has(returnValue);
}

/** A PIN is not tried because the token has refused it. */
export class PinNotTried extends CryptoError {
  constructor(file?: RefusedPinFile) {
    const remedy = file === undefined ? "" : `; where the token has it now, remove ${file.path}`;
    super("unavailable", `the token has refused this PIN; it is not tried again${remedy}`);
  }
}

/**
 * Keeps a PIN that the token has refused from being tried again: tokens lock themselves. Remembers only a keyed digest
 * of it. A token that counts failures is asked whether there are still any before the same PIN is tried once more.
 */
export class PinGuard {
  readonly #digestKey = randomBytes(32);
  readonly #file: RefusedPinFile | undefined;
  #tried: Buffer | null = null;
  #refused: { readonly digest: Buffer; readonly counted: boolean } | null = null;

  /** `file` remembers what a token refuses that does not count failures; without it this process alone does. */
  constructor(file?: RefusedPinFile) {
    this.#file = file;
  }

  /**
   * Notes that a PIN is about to be tried; true where the token has refused it before, and may be asked whether that
   * still counts. Throws PinNotTried where it has refused it and does not count.
   */
  async trying(pin: Buffer): Promise<boolean> {
    const digest = this.#digest(pin);
    this.#tried = digest;
    if (this.#refused !== null && sameSecret(this.#refused.digest, digest)) {
      if (!this.#refused.counted) throw new PinNotTried(this.#file);
      return true;
    }
    if ((await this.#file?.holds(pin)) === true) throw new PinNotTried(this.#file);
    return false;
  }

  /**
   * Notes that the token refused the PIN tried last, and whether it counts failures. Where it does not, `pin` gives the
   * PIN once more to be remembered on disk; it is zeroed. Rejects where it cannot be.
   */
  async refused(counted: boolean, pin: () => Promise<Buffer>): Promise<void> {
    const tried = this.#tried;
    this.#refused = tried === null ? null : { digest: tried, counted };
    if (counted || tried === null || this.#file === undefined) return;
    const again = await pin();
    try {
      if (sameSecret(this.#digest(again), tried)) await this.#file.remember(again);
    } finally {
      again.fill(0);
    }
  }

  #digest(pin: Buffer): Buffer {
    return createHmac("sha256", this.#digestKey).update(pin).digest();
  }
}

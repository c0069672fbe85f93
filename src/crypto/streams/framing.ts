import type { Framing } from "../mechanisms/ciphers.js";
import { pad, unpad } from "../mechanisms/paddings.js";
import { CryptoError } from "../port.js";

/** Makes whole blocks of parts of any length. */
export interface BlockFrame {
  /** The whole blocks that can go on now. */
  take(part: Buffer): Buffer;
  /** The blocks that are left, at the end. Throws CryptoError. */
  rest(): Buffer;
  /** Zeroes what is held. */
  clear(): void;
}

/** Holds bytes until they make whole blocks; `atLeast` bytes stay held until the end. */
abstract class Held {
  protected held: Buffer = Buffer.alloc(0);
  protected readonly framing: Framing;
  private readonly atLeast: number;

  constructor(framing: Framing, atLeast: number) {
    this.framing = framing;
    this.atLeast = atLeast;
  }

  take(part: Buffer): Buffer {
    const { blockLength } = this.framing;
    const all = Buffer.concat([this.held, part]);
    this.held.fill(0);
    const free = Math.max(0, all.length - this.atLeast);
    const given = free - (free % blockLength);
    this.held = Buffer.from(all.subarray(given));
    return all.subarray(0, given);
  }

  clear(): void {
    this.held.fill(0);
  }
}

/** Data on their way into a cipher; `failure` is what data that are not whole blocks are called. */
export class PaddingFrame extends Held implements BlockFrame {
  private readonly failure: "invalid-data" | "decryption-failed";

  constructor(framing: Framing, failure: "invalid-data" | "decryption-failed") {
    super(framing, 0);
    this.failure = failure;
  }

  rest(): Buffer {
    const { padding, blockLength } = this.framing;
    if (padding !== null) return pad(padding, this.held, blockLength);
    if (this.held.length === 0) return this.held;
    throw new CryptoError(this.failure, "without padding the data are whole blocks");
  }
}

/** Plaintext on its way out of a cipher: the last block may be padding, and is held until the end is known. */
export class UnpaddingFrame extends Held implements BlockFrame {
  constructor(framing: Framing) {
    super(framing, framing.padding === null ? 0 : 1);
  }

  rest(): Buffer {
    const { padding, blockLength } = this.framing;
    if (padding !== null) return unpad(padding, this.held, blockLength);
    return this.held;
  }
}

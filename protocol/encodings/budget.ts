import { type TtlvLimits, ttlvLimits } from "../ttlv/limits.js";
import { EncodingError, EncodingErrorCode } from "./error.js";

/** What reading one message has used of its limits: the other encodings are no way round those of TTLV. */
export class Budget {
  private items = 0;
  private readonly limits: TtlvLimits;

  constructor(limits?: Partial<TtlvLimits>) {
    this.limits = ttlvLimits(limits);
  }

  /** Checks the size of the whole text in bytes before anything is made of it. */
  text(text: string): void {
    const { maximumBytes } = this.limits;
    if (text.length > maximumBytes || Buffer.byteLength(text, "utf8") > maximumBytes) {
      throw new EncodingError(EncodingErrorCode.TooLarge, `A message may have ${maximumBytes} bytes`);
    }
  }

  /** Counts one item; `depth` is the number of structures around it. */
  item(depth: number): void {
    this.items += 1;
    if (this.items > this.limits.maximumItems) {
      throw new EncodingError(EncodingErrorCode.TooManyItems, `A message may have ${this.limits.maximumItems} items`);
    }
    if (depth > this.limits.maximumDepth) {
      throw new EncodingError(EncodingErrorCode.TooDeep, `Depth may be ${this.limits.maximumDepth}`);
    }
  }
}

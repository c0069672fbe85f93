import { TtlvError } from "#protocol/ttlv/error.js";
import { messageLength } from "#protocol/ttlv/header.js";

/** Why a request could not be read as a message. */
export type UnreadableReason = "too-large" | "not-ttlv" | "truncated" | "too-slow";

/** The bytes that arrived are no message that can be taken in. */
export class UnreadableRequestError extends Error {
  override readonly name = "UnreadableRequestError";
  readonly reason: UnreadableReason;
  /** The first bytes of what arrived, at most eight. */
  readonly headerBytes: Buffer;

  constructor(reason: UnreadableReason, headerBytes: Buffer) {
    super(`The request is ${reason}`);
    this.reason = reason;
    this.headerBytes = headerBytes;
  }
}

const headerLength = 8;
const noBytes = Buffer.alloc(0);

/**
 * Cuts a stream of bytes into messages. Nothing is allocated from a length that the peer states: room grows with the
 * bytes that have really arrived, to at most twice as much.
 */
export class FrameReader {
  private readonly maximumMessageBytes: number;
  private storage: Buffer = noBytes;
  private start = 0;
  private end = 0;
  /** Whether bytes may be written behind `end`: the storage is ours and no chunk of the stream's. */
  private growable = false;

  constructor(maximumMessageBytes: number) {
    this.maximumMessageBytes = maximumMessageBytes;
  }

  /** The number of bytes that wait here. */
  get length(): number {
    return this.end - this.start;
  }

  /** The first bytes that wait, at most eight. */
  get headerBytes(): Buffer {
    return this.storage.subarray(this.start, Math.min(this.end, this.start + headerLength));
  }

  /** Takes bytes in. The chunk is kept, not copied, while nothing waits before it. */
  push(chunk: Buffer): void {
    if (this.length === 0) {
      this.hold(chunk, 0, chunk.length, false);
      return;
    }
    if (!this.growable || this.storage.length - this.end < chunk.length) this.grow(this.length + chunk.length);
    chunk.copy(this.storage, this.end);
    this.end += chunk.length;
  }

  /**
   * The next whole message, or undefined while it has not arrived. The message shares memory with nothing that is
   * written again.
   *
   * @throws UnreadableRequestError as soon as the bytes cannot become a message within the limit.
   */
  next(): Buffer | undefined {
    const length = this.statedLength(this.start);
    if (length === undefined || this.length < length) return undefined;
    const message = this.storage.subarray(this.start, this.start + length);
    this.start += length;
    if (this.length === 0) this.hold(noBytes, 0, 0, false);
    return message;
  }

  /** Whether at least `count` whole messages wait here; what follows something unreadable does not count. */
  holds(count: number): boolean {
    let position = this.start;
    for (let found = 0; found < count; found++) {
      const length = this.lengthAt(position);
      if (length === undefined || position + length > this.end) return false;
      position += length;
    }
    return true;
  }

  private lengthAt(position: number): number | undefined {
    try {
      return this.statedLength(position);
    } catch (error) {
      if (error instanceof UnreadableRequestError) return undefined;
      throw error;
    }
  }

  private statedLength(position: number): number | undefined {
    const header = this.storage.subarray(position, Math.min(this.end, position + headerLength));
    let length: number | undefined;
    try {
      length = messageLength(header);
    } catch (error) {
      if (error instanceof TtlvError) throw new UnreadableRequestError("not-ttlv", header);
      throw error;
    }
    if (length !== undefined && length > this.maximumMessageBytes)
      throw new UnreadableRequestError("too-large", header);
    return length;
  }

  private grow(needed: number): void {
    const grown = Buffer.alloc(needed * 2);
    this.storage.copy(grown, 0, this.start, this.end);
    this.hold(grown, 0, this.length, true);
  }

  private hold(storage: Buffer, start: number, end: number, growable: boolean): void {
    this.storage = storage;
    this.start = start;
    this.end = end;
    this.growable = growable;
  }
}

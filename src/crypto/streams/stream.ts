/** An operation that takes its data in parts. All calls reject with CryptoError, and then the stream is of no use. */
export interface PartStream<Result> {
  /** Takes the next part and gives what output there is already; the caller owns it. */
  update(part: Buffer): Promise<Buffer>;
  /** Ends the operation. */
  finish(): Promise<Result>;
  /** Drops it, and what it holds of keys and data. Never rejects. */
  close(): Promise<void>;
}

/** What an encryption ends with. */
export interface LastPart {
  readonly data: Buffer;
  /** For ciphers that authenticate. */
  readonly tag: Buffer | null;
}

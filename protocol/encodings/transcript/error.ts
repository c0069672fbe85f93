/** A text that is no transcript. The message says what is wrong and never holds a value of the text. */
export class TranscriptError extends Error {
  override readonly name = "TranscriptError";

  constructor(
    /** The line at fault, counted from 1. */
    readonly line: number,
    readonly detail: string,
  ) {
    super(`line ${line}: ${detail}`);
  }
}

/** The server could not be reached, or what it sent is no answer: says which, in words for an operator. */
export class KmipConnectionError extends Error {
  override readonly name = "KmipConnectionError";
}

/** The server refused an operation. */
export class KmipFailure extends Error {
  override readonly name = "KmipFailure";
  /** Name of the Result Reason, such as "ItemNotFound". */
  readonly reason: string;
  /** The name of the operation, such as "Locate". */
  readonly operation: string;
  /** Its place in the batch, from 0. */
  readonly place: number;
  /** What the server said, or undefined. */
  readonly serverMessage: string | undefined;

  constructor(failure: { operation: string; reason: string; place: number; serverMessage: string | undefined }) {
    super(`${failure.operation} was refused: ${failure.serverMessage ?? "no message"} (${failure.reason})`);
    this.operation = failure.operation;
    this.reason = failure.reason;
    this.place = failure.place;
    this.serverMessage = failure.serverMessage;
  }
}

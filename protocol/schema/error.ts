/** What is wrong with a message whose TTLV is well-formed. The server turns each code into the Result Reason of its version. */
export type MessageErrorCode =
  /** A required field is not there. */
  | "missing-field"
  /** A field stands where its structure does not know it. */
  | "unknown-field"
  /** A field that may stand once stands more often. */
  | "repeated-field"
  /** A tag or reference stands for an attribute, and is none. */
  | "unknown-attribute"
  /** A field has another item type than the specification gives it. */
  | "wrong-type"
  /** A number or date is outside what the field can hold. */
  | "out-of-range"
  /** An enumeration value that no version defines. */
  | "unknown-enumeration"
  /** The parts of a structure contradict each other. */
  | "inconsistent";

/** A decoded tree does not fit the structure it should have, or a value does not fit the version it should be written in. */
export class MessageError extends Error {
  readonly code: MessageErrorCode;
  /** Names of the structures and fields from the outside in, for the log and the answer: "Create/Attributes/Name". */
  readonly path: readonly string[];

  constructor(code: MessageErrorCode, detail: string, path: readonly string[] = []) {
    super(path.length === 0 ? detail : `${path.join("/")}: ${detail}`);
    this.name = "MessageError";
    this.code = code;
    this.path = path;
    this.detail = detail;
  }

  private readonly detail: string;

  /** The same error seen from one structure further out. */
  within(name: string): MessageError {
    return new MessageError(this.code, this.detail, [name, ...this.path]);
  }
}

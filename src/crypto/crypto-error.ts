/** Why a call of the port failed. Switch on the code; the message is for the log, never for a client. */
export type CryptoErrorCode =
  /** The caller's data or parameters do not fit the key or mechanism. */
  | "invalid-data"
  /** A decryption or unwrapping failed; deliberately one code for every reason (padding, tag, length). */
  | "decryption-failed"
  /** The token has no such mechanism or key size. */
  | "unsupported"
  /** The key may not leave the token. */
  | "not-extractable"
  /** The key is not in the token although the canary is: lost or destroyed. */
  | "key-missing"
  /** The partition does not answer in time, is gone, refuses login, or is restarting. Worth trying again later. */
  | "unavailable"
  /** A stream is not there any more: its worker was started anew. */
  | "stream-lost"
  /** The partition's queue is full. */
  | "overloaded"
  /** The token has no room for another object. */
  | "token-full"
  /** A stored blob does not open with the key it names: damaged or copied from elsewhere. */
  | "damaged"
  /** Anything else the module answered. */
  | "device-error";

/** The one error of the port. */
export class CryptoError extends Error {
  readonly code: CryptoErrorCode;
  /** CKR_ value the module answered, where there was one. */
  readonly returnValue: number | undefined;

  constructor(code: CryptoErrorCode, message: string, options: { returnValue?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CryptoError";
    this.code = code;
    this.returnValue = options.returnValue;
  }
}

import { EncodingError } from "#protocol/encodings/error.js";

/** The code of the EncodingError that the call throws; "accepted" when it throws none, the error itself if another. */
export function refusal(call: () => unknown): string {
  try {
    call();
    return "accepted";
  } catch (error) {
    return error instanceof EncodingError ? error.code : `other: ${error}`;
  }
}

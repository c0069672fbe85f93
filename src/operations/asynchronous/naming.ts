import { KmipError } from "#src/objects/kmip-error.js";
import type { AsynchronousRequestRow } from "#storage/asynchronous-types.js";
import type { AsynchronousRequests } from "../contract/asynchronous-requests.js";

/** Bytes of the correlation values this server gives. */
const correlationValueBytes = 16;

/** Throws KmipError `InvalidAsynchronousCorrelationValue` for what this server cannot have given to anybody. */
export function checkCorrelationValue(value: Buffer): void {
  if (value.length === correlationValueBytes) return;
  if (value.length === 0) throw new KmipError("InvalidField", "an Asynchronous Correlation Value is not empty");
  throw new KmipError("InvalidAsynchronousCorrelationValue", "this is no correlation value of this server");
}

/** The client's own request with this value. Throws KmipError; another client's answers like one that never was. */
export async function requestNamed(asynchronous: AsynchronousRequests, value: Buffer): Promise<AsynchronousRequestRow> {
  checkCorrelationValue(value);
  const row = await asynchronous.find(value);
  if (row !== undefined) return row;
  throw new KmipError("InvalidAsynchronousCorrelationValue", "no request with this correlation value is outstanding");
}

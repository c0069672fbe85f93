import type { DataReference } from "#protocol/structures/data.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** The fields of cryptographic operations over several requests. */
interface StreamFields {
  readonly correlationValue?: Buffer | undefined;
  readonly initIndicator?: boolean | undefined;
  readonly finalIndicator?: boolean | undefined;
}

/**
 * Throws KmipError `FeatureNotSupported` for a request that is part of a longer one. Init and Final together make a
 * whole, and are taken as such.
 */
export function demandSinglePart({ correlationValue, initIndicator, finalIndicator }: StreamFields): void {
  const whole = (initIndicator ?? false) === (finalIndicator ?? false);
  if (correlationValue === undefined && whole) return;
  throw new KmipError("FeatureNotSupported", "operations over several requests are not supported");
}

/** The Data of a single-part request, which must be there. Throws KmipError. */
export function dataOf({ data }: { readonly data?: Buffer | DataReference | undefined }): Buffer {
  if (data === undefined) throw new KmipError("InvalidMessage", "the Data are missing");
  if (Buffer.isBuffer(data)) return data;
  throw new KmipError("FeatureNotSupported", "Data from another batch item are not supported");
}

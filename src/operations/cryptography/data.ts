import type { DataReference } from "#protocol/structures/data.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** The Data of a request, which must be there; the pipeline has resolved references. Throws KmipError. */
export function dataOf({ data }: { readonly data?: Buffer | DataReference | undefined }): Buffer {
  if (data === undefined) throw new KmipError("InvalidMessage", "the Data are missing");
  if (Buffer.isBuffer(data)) return data;
  throw new TypeError("a reference to Data came past the pipeline");
}

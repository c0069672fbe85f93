import type { Item } from "#protocol/ttlv/item.js";
import type { KmipError } from "#src/objects/kmip-error.js";

/**
 * How a batch item is answered where that is not the success of the operation it asks for: Poll gives the answer of
 * another one. `operation` names whose answer it is, payloads are written in the version of the request.
 */
export type ItemAnswer =
  | { readonly kind: "success" | "undone"; readonly operation: number; readonly payload: Item | undefined }
  | { readonly kind: "failure"; readonly operation: number; readonly error: KmipError }
  | { readonly kind: "pending"; readonly correlationValue: Buffer };

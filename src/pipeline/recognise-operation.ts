import { inSpan } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { found, type ItemState } from "./item.js";

/** Finds the operation, which must exist in the version of the request. */
export function recogniseOperation(state: ItemState): void {
  const operation = state.services.operation(found(state.item, "batch item").operation);
  if (operation === undefined || !inSpan(operation.versions, state.request.version)) {
    throw new KmipError("OperationNotSupported", "this server does not perform the operation in this version");
  }
  state.operation = operation;
}

import { inSpan } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { found, type ItemState } from "./item.js";

/** Finds the operation, which must exist in the version of the request and be offered to the caller. */
export function recogniseOperation(state: ItemState): void {
  const { services, request } = state;
  const operation = services.operation(found(state.item, "batch item").operation);
  const exists = operation !== undefined && inSpan(operation.versions, request.version);
  if (!exists || operation.isOffered?.(request.caller, services.deployment) === false) {
    throw new KmipError("OperationNotSupported", "this server does not perform the operation in this version");
  }
  state.operation = operation;
}

import { inSpan } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { Operation } from "#src/operations/contract/operation.js";
import { found, type ItemState } from "./item.js";

/** Finds the operation, which must exist in the version of the request and be offered to the caller. */
export function recogniseOperation(state: ItemState): void {
  const operation = state.services.operation(found(state.item, "batch item").operation);
  demandOffered(state, operation);
  state.operation = operation;
}

/** Throws KmipError where the caller does not have an operation in the version of the request. */
export function demandOffered(
  { services, request }: ItemState,
  operation: Operation | undefined,
): asserts operation is Operation {
  const exists = operation !== undefined && inSpan(operation.versions, request.version);
  if (!exists || operation.isOffered?.(request.caller, services.deployment) === false) {
    throw new KmipError("OperationNotSupported", "this server does not perform the operation in this version");
  }
}

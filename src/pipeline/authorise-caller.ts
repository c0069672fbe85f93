import { authorise } from "#src/access/authorise.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { found, type ItemState } from "./item.js";

/** Asks the tenant's policy. The only place that does, and no operation is reached without it. */
export function authoriseCaller(state: ItemState): void {
  const { caller, version } = state.request;
  const { permission, name } = found(state.operation, "operation");
  if (caller.ticket !== undefined && !caller.ticket.permissions.has(permission)) {
    throw new KmipError("PermissionDenied", "the client that logged in may not do this");
  }
  authorise(state.services.policyOf(caller.tenantId), { caller, permission, operation: name, version });
}

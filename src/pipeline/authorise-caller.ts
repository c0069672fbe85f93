import { authorise } from "#src/access/authorise.js";
import { found, type ItemState } from "./item.js";

/** Asks the tenant's policy. The only place that does, and no operation is reached without it. */
export function authoriseCaller(state: ItemState): void {
  const { caller, version } = state.request;
  const { permission, name } = found(state.operation, "operation");
  authorise(state.services.policyOf(caller.tenantId), { caller, permission, operation: name, version });
}

import { found, type ItemState } from "./item.js";

/** Reads the payload as the operation declares it. */
export function readPayload(state: ItemState): void {
  const { request } = found(state.operation, "operation");
  state.payload = request.decode(found(state.item, "batch item").requestPayload, { version: state.request.version });
}

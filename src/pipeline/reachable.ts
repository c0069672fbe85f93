import { Inventory } from "#src/inventory/inventory.js";
import { isWithinReach } from "./check-ticket.js";
import type { ItemState } from "./item.js";

/**
 * The objects of the caller's tenant as far as the ticket of the request reaches: all others answer like those that
 * never were.
 */
export function inventoryWithin({ services, request: { caller }, changes }: ItemState): Inventory {
  return new Inventory(services.store, caller.tenantId, changes, (object) => isWithinReach(caller.ticket, object));
}

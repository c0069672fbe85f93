import { attributes } from "#protocol/attributes/definitions.js";
import type { HeldTicket, TicketRight } from "#src/access/tickets.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { change } from "#storage/changes.js";
import { found, type ItemState } from "./item.js";

/**
 * Holds an item against the ticket of its request: one of the rights of a delegated ticket has to allow the operation on
 * the object, and each operation counts against the limits (KMIP 2.1 §6.1.12, §7.34). The counts become durable with the
 * item. Throws KmipError `PermissionDenied`, `UsageLimitExceeded`.
 */
export function checkTicket(state: ItemState): void {
  const { ticket } = state.request.caller;
  if (ticket === undefined) return;
  if (ticket.operationsLeft === 0) throw usedUp();
  const place = ticket.rights === undefined ? undefined : rightFor(ticket, ticket.rights, state);
  if (ticket.operationsLeft !== null) state.changes.add(change("tickets", "takeOperation", ticket.id));
  if (place !== undefined && ticket.rightsLeft.has(place)) {
    state.changes.add(change("tickets", "takeOfRight", ticket.id, place));
  }
}

/** The place of the first right that allows an item and is not used up. */
function rightFor(ticket: HeldTicket, rights: readonly TicketRight[], state: ItemState): number {
  const { code } = found(state.operation, "operation");
  const places = rights.flatMap((right, place) => (allows(right, code, state.target) ? [place] : []));
  if (places.length === 0) throw new KmipError("PermissionDenied", "the ticket gives no right to this");
  const open = places.find((place) => (ticket.rightsLeft.get(place) ?? 1) > 0);
  if (open === undefined) throw usedUp();
  return open;
}

/** Whether a right allows an operation on an object; one that names objects or groups allows nothing without one. */
function allows({ operations, objects, objectGroups }: TicketRight, code: number, target?: ManagedObject): boolean {
  if (operations !== undefined && !operations.operation.includes(code)) return false;
  return objects === undefined && objectGroups === undefined
    ? true
    : target !== undefined && reaches({ objects, objectGroups }, target);
}

/** Whether a right reaches an object. */
function reaches(
  { objects, objectGroups }: Pick<TicketRight, "objects" | "objectGroups">,
  object: ManagedObject,
): boolean {
  const isNamed = objects?.uniqueIdentifier.some((each) => each.kind === "identifier" && each.identifier === object.id);
  if (isNamed === false) return false;
  const groups = object.attributes.values(attributes.objectGroup);
  return objectGroups === undefined || groups.some((group) => objectGroups.objectGroup.includes(group));
}

/** Whether the bearer of a ticket may have anything to do with an object that a request names beside its own. */
export function isWithinReach(ticket: HeldTicket | undefined, object: ManagedObject): boolean {
  return ticket?.rights === undefined || ticket.rights.some((right) => reaches(right, object));
}

function usedUp(): KmipError {
  return new KmipError("UsageLimitExceeded", "the ticket allows no more operations");
}

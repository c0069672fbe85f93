import { TicketType, UsageLimitsUnit } from "#protocol/enums/index.js";
import type { LoginRequest } from "#protocol/payloads/login.js";
import type { Rights } from "#protocol/structures/login.js";
import { type Ticket, ticketId, writeRights } from "#src/access/tickets.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { change } from "#storage/changes.js";
import type { OperationContext } from "../contract/context.js";

/** Bytes of a ticket, random. */
const ticketBytes = 32;
/** How long a ticket holds that no Lease Time is asked for, and at most, in seconds. */
const usualSeconds = 3600;
const mostSeconds = 86_400;
/** Tickets of one client that hold at the same time, and rights of one ticket. */
const mostTickets = 1000;
const mostRights = 100;

type Terms = Pick<LoginRequest, "leaseTime" | "requestCount" | "usageLimits">;

/** When a ticket ends, in milliseconds since 1970. */
function endOf({ leaseTime }: Terms, now: number): number {
  if (leaseTime === undefined) return (now + usualSeconds) * 1000;
  const end = leaseTime.kind === "interval" ? now + leaseTime.seconds : leaseTime.date;
  if (end <= now) throw new KmipError("InvalidField", "the Lease Time of the ticket is over already");
  return Math.min(end, now + mostSeconds) * 1000;
}

/** Operations that limits allow: those of tickets count operations, whatever they work on (KMIP 2.1 §7.40). */
function operationsOf(limits: Terms["usageLimits"]): number | null {
  if (limits === undefined) return null;
  if (limits.usageLimitsUnit !== UsageLimitsUnit.Object) {
    throw new KmipError("InvalidField", "the Usage Limits of a ticket count operations");
  }
  const count = limits.usageLimitsCount ?? limits.usageLimitsTotal;
  if (count < 0n || count > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new KmipError("InvalidField", "the Usage Limits of a ticket are out of range");
  }
  return Number(count);
}

function requestsOf({ requestCount }: Terms): number | null {
  if (requestCount === undefined) return null;
  if (requestCount < 1) throw new KmipError("InvalidField", "a ticket is good for one request at least");
  return requestCount;
}

/**
 * Gives the caller a ticket, to be shown in its place. What is kept of it is its hash. Nobody gives out rights by a
 * ticket that was delegated. Throws KmipError `InvalidField`, `PermissionDenied`, `ServerLimitExceeded`.
 */
export async function newTicket(context: OperationContext, terms: Terms, rights?: Rights): Promise<Ticket> {
  const { request, now, partition, changes, tickets } = context;
  const { tenantId, clientId, ticket: shown } = request.caller;
  if (shown?.kind === "delegated") throw new KmipError("PermissionDenied", "a delegated ticket gives out no tickets");
  if ((rights?.right.length ?? 0) > mostRights)
    throw new KmipError("InvalidField", `a ticket has ${mostRights} rights at most`);
  if ((await tickets.openOf(clientId)) >= mostTickets) {
    throw new KmipError("ServerLimitExceeded", "the client has too many tickets; log out first");
  }
  const ticketValue = await partition.random(ticketBytes);
  const id = ticketId(ticketValue);
  const row = {
    id,
    tenantId,
    clientId,
    kind: rights === undefined ? "login" : "delegated",
    expiresAt: endOf(terms, now),
    requestsLeft: requestsOf(terms),
    operationsLeft: operationsOf(terms.usageLimits),
    rights: rights === undefined ? null : writeRights(rights),
    createdAt: now * 1000,
  } as const;
  const limited = (rights?.right ?? []).flatMap(({ usageLimits }, place) => {
    const operationsLeft = operationsOf(usageLimits);
    return operationsLeft === null ? [] : [{ ticketId: id, place, operationsLeft }];
  });
  changes.add(change("tickets", "create", row, limited));
  changes.add(change("tickets", "removeExpired", now * 1000));
  return { ticketType: TicketType.Login, ticketValue };
}

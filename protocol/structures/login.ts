import { type Codec, dateTime, integer, interval, type ValueOf } from "../schema/codec.js";
import { MessageError } from "../schema/error.js";
import { optional, repeated, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { ItemType } from "../ttlv/item.js";
import { V2_1 } from "../versions.js";
import { usageLimitsStructure } from "./attribute-values.js";
import { objectGroups, objects, operations } from "./lists.js";

/** How long a ticket holds: a number of seconds, or until a date in seconds since 1970. */
export type TicketLeaseTime =
  | { readonly kind: "interval"; readonly seconds: number }
  | { readonly kind: "until"; readonly date: number };

/** Lease Time of a ticket (KMIP 2.1 §6.1.30): Interval or Date-Time. */
export const ticketLeaseTime: Codec<TicketLeaseTime> = {
  decode(item, context) {
    if (item.type === ItemType.Interval) return { kind: "interval", seconds: item.value };
    if (item.type === ItemType.DateTime) return { kind: "until", date: dateTime.decode(item, context) };
    throw new MessageError("wrong-type", "is neither an Interval nor a Date-Time");
  },
  encode: (tag, value, context) =>
    value.kind === "interval"
      ? interval.encode(tag, value.seconds, context)
      : dateTime.encode(tag, value.date, context),
};

/** What both logins ask of the ticket they get (KMIP 2.1 §6.1.12, §6.1.30). */
export const ticketTerms = {
  leaseTime: optional(Tag.LeaseTime, ticketLeaseTime),
  requestCount: optional(Tag.RequestCount, integer),
  usageLimits: optional(Tag.UsageLimits, usageLimitsStructure),
};

/** Right (KMIP 2.1 §7.34): a field left out leaves that aspect unrestricted. */
export const right = structure("Right", {
  usageLimits: optional(Tag.UsageLimits, usageLimitsStructure),
  operations: optional(Tag.Operations, operations),
  objects: optional(Tag.Objects, objects),
  objectGroups: optional(Tag.ObjectGroups, objectGroups, { since: V2_1 }),
});

/** Rights (KMIP 2.1 §7.35). */
export const rights = structure("Rights", { right: repeated(Tag.Right, right) });
export type Rights = ValueOf<typeof rights>;

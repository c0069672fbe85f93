import type { DestinationRequest, DestinationSummary, PutOrder } from "#src/administration/destinations.js";
import { count, list, name, object, orNull, type Schema, text, time } from "./schema-parts.js";

/** The schemas of destinations and of what is pushed to them. */
export const destinationSchemas: readonly Schema[] = [
  object<Omit<DestinationRequest, "tenant">>(
    "NewDestination",
    {
      name,
      host: text("Where the server connects to", { maxLength: 255 }),
      port: { type: "integer", minimum: 1, maximum: 65_535 },
      certificate: text("PEM: what the server shows there"),
      key: text("PEM: the private key of the certificate. It is sealed, and never shown again."),
      authority: text("PEM: the authorities of the destination's certificate"),
      client: name,
      version: text("The KMIP version to speak, such as `1.4`; without it, the destination is asked"),
      subscribe: list(text("Name of an attribute whose change is notified; `*` stands for all")),
    },
    ["host", "port", "certificate", "key", "authority", "client", "version", "subscribe"],
  ),
  object<DestinationSummary>("Destination", {
    tenant: name,
    name,
    address: orNull(text("`host:port`; null for a client that takes the server role")),
    client: orNull(name),
    version: orNull(text("Null where the destination is asked")),
    subscribe: list(text()),
    waiting: count("Messages that wait"),
    dropped: count("Messages that were not kept because too many waited"),
    failures: count("Failed attempts since the last success"),
    lastError: orNull(text()),
    lastDeliveredAt: orNull(time),
  }),
  object<Omit<PutOrder, "tenant" | "destination">>(
    "PutOrder",
    { object: text("Unique Identifier"), replaces: text("Unique Identifier of the object it replaces there") },
    ["replaces"],
  ),
];

import type { JsonText } from "./types.js";

/** Where messages go that the server sends of itself, as an operator set it (KMIP 2.1 §6.2). */
export interface DestinationRow {
  readonly id: string;
  readonly tenantId: string;
  /** Unique among the destinations of the tenant. */
  readonly name: string;
  /** `address`: the server connects; `client`: the client connects and takes the server role. */
  readonly kind: "address" | "client";
  readonly host: string | null;
  readonly port: number | null;
  readonly clientId: string | null;
  /** What the server shows there: PEM, the key sealed; null for a client's own connection. */
  readonly certificatePem: string | null;
  readonly sealedKey: Buffer | null;
  /** The authorities of the destination's certificate, PEM. */
  readonly authorityPem: string | null;
  /** The protocol version to speak; null where the destination is asked. */
  readonly protocolVersion: number | null;
  /** Names of attributes whose change is notified, as a JSON list; `"*"` stands for all. */
  readonly subscription: JsonText;
  readonly createdAt: number;
  /** Failed attempts since the last success, and when the next one is due (milliseconds since 1970). */
  readonly failures: number;
  readonly nextAttemptAt: number;
  readonly lastError: string | null;
  readonly lastDeliveredAt: number | null;
  /** Messages that were not kept because too many waited. */
  readonly dropped: number;
  /** The node that works on it now, and until when it has it for itself. */
  readonly claimedBy: string | null;
  readonly claimedUntil: number;
}

/** A message that waits to be delivered. What it says of the object is read when it is sent. */
export interface DeliveryRow {
  readonly id: string;
  readonly tenantId: string;
  readonly destinationId: string;
  /** Microseconds since 1970: deliveries of one destination keep this order. */
  readonly queuedAt: number;
  /** Value of the Operation enumeration: Notify or Put. */
  readonly operation: number;
  readonly objectId: string;
  /** What the operation needs to know beside the object. */
  readonly detail: JsonText;
  readonly expiresAt: number;
}

/** How an attempt to reach a destination ended. */
export interface DestinationAttempt {
  readonly failures: number;
  readonly nextAttemptAt: number;
  readonly lastError: string | null;
  readonly lastDeliveredAt: number | null;
}

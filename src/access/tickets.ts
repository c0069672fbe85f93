import { createHash } from "node:crypto";
import { TicketType } from "#protocol/enums/index.js";
import { type Rights, rights } from "#protocol/structures/login.js";
import { Tag } from "#protocol/tags.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V2_1 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { RegisteredClient, TicketRightRow, TicketRow } from "#storage/types.js";
import type { FoundClient } from "./caller.js";
import { readClientSettings } from "./client-settings.js";
import type { Permission } from "./permissions.js";

/** One right of a delegated ticket. */
export type TicketRight = Rights["right"][number];

/** A ticket that a request bears. */
export interface HeldTicket {
  readonly id: string;
  readonly kind: TicketRow["kind"];
  /** Null without a limit. */
  readonly operationsLeft: number | null;
  /** The rights of a delegated ticket; undefined for one that does all its client may. */
  readonly rights: readonly TicketRight[] | undefined;
  /** What is left of the rights that have a limit, by their place. */
  readonly rightsLeft: ReadonlyMap<number, number>;
  /** What the client that logged in may do: nobody does more by its ticket. */
  readonly permissions: ReadonlySet<Permission>;
}

/** A ticket as messages carry it. */
export interface Ticket {
  readonly ticketType: number;
  readonly ticketValue: Buffer;
}

/** Under which name a ticket is kept: its SHA-256, so that the database holds nothing that could be shown. */
export function ticketId(value: Buffer): string {
  return createHash("sha256").update(value).digest("hex");
}

/** Rights as the database keeps them: base64 of their TTLV. */
export function writeRights(value: Rights): string {
  return encodeItem(rights.encode(Tag.Rights, value, { version: V2_1 })).toString("base64");
}

function readRights(text: string): readonly TicketRight[] {
  return rights.decode(decodeItem(Buffer.from(text, "base64")), { version: V2_1 }).right;
}

/** Tickets that logins gave out (KMIP 2.1 §6.1.12, §6.1.30). They are rows, and so outlive the server's process. */
export class Tickets {
  private readonly database: Database;
  private readonly now: () => number;

  /** `now` gives milliseconds since 1970. */
  constructor(database: Database, now: () => number) {
    this.database = database;
    this.now = now;
  }

  /** How many tickets of a client hold now. */
  openOf(clientId: string): Promise<number> {
    return this.database.read.tickets.openOf(clientId, this.now());
  }

  /** A ticket of a tenant that holds. Throws KmipError `InvalidTicket`. */
  async find(tenantId: string, { ticketType, ticketValue }: Ticket): Promise<TicketRow> {
    if (ticketType !== TicketType.Login) throw invalid();
    const row = await this.database.read.tickets.byId(ticketId(ticketValue));
    if (row === null || row.tenantId !== tenantId || row.expiresAt <= this.now()) throw invalid();
    return row;
  }

  /**
   * Who the bearer of a ticket is, and one request less that may bear it. With a certificate a ticket narrows what its
   * client may do: that of a login is good for the client that logged in alone, a delegated one for all clients of the
   * tenant. Throws KmipError `InvalidTicket`.
   */
  async authenticate(
    ticket: Ticket | undefined,
    certified: FoundClient | null,
  ): Promise<{ readonly found: FoundClient; readonly ticket: HeldTicket }> {
    if (ticket === undefined) throw new KmipError("InvalidMessage", "the credential holds no ticket");
    const row = await this.rowOf(ticket, certified);
    const holder = await this.database.read.clients.registered(row.tenantId, row.clientId);
    if (holder === null || holder.client.state !== "active") throw invalid();
    if (certified !== null && row.kind === "login" && certified.client.id !== row.clientId) throw invalid();
    if (row.requestsLeft !== null) await this.takeRequest(row.id);
    const left = row.rights === null ? [] : await this.database.read.tickets.rights(row.id);
    return { found: certified ?? holder, ticket: held(row, holder, left) };
  }

  private async rowOf(ticket: Ticket, certified: FoundClient | null): Promise<TicketRow> {
    if (certified !== null) return this.find(certified.tenant.id, ticket);
    const row = await this.database.read.tickets.byId(ticketId(ticket.ticketValue));
    if (row === null) throw invalid();
    return this.find(row.tenantId, ticket);
  }

  private async takeRequest(id: string): Promise<void> {
    try {
      await this.database.commit([change("tickets", "takeRequest", id)]);
    } catch (error) {
      if (error instanceof StorageError && error.code === "used-up") throw invalid();
      throw error;
    }
  }
}

function held(row: TicketRow, { client }: RegisteredClient, left: readonly TicketRightRow[]): HeldTicket {
  return {
    id: row.id,
    kind: row.kind,
    operationsLeft: row.operationsLeft,
    rights: row.rights === null ? undefined : readRights(row.rights),
    rightsLeft: new Map(left.map(({ place, operationsLeft }) => [place, operationsLeft])),
    permissions: new Set(readClientSettings(client.settings).permissions),
  };
}

function invalid(): KmipError {
  return new KmipError("InvalidTicket", "the ticket is not valid, or not any more");
}

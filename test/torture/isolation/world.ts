/** A server with two tenants, and everybody who asks it for what is not theirs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CredentialType, Operation } from "#protocol/enums/index.js";
import { authentication } from "#protocol/messages/header.js";
import { Tag } from "#protocol/tags.js";
import type { Item } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import { type Permission, permissions } from "#src/access/permissions.js";
import type { ClientIdentity, KmipClient } from "#test/support/kmip-client.js";
import { askFor, named } from "#test/support/kmip-client-messages.js";
import {
  clientFolder,
  connectTo,
  readIdentity,
  startedHome,
  startTestServer,
  type TestServer,
} from "#test/support/server.js";
import { makeObject, type Reference } from "./subjects.js";
import { Belongings } from "./usual.js";
import { Witness } from "./witness.js";

/** The tenant whose objects are asked for, and the one of strangers. */
export const ownersTenant = "demo";
export const strangersTenant = "other";

/** What a login gives. */
export interface Ticket {
  readonly ticketType: number;
  readonly ticketValue: Buffer;
}

/** The header field of a request that bears a ticket. */
export function bearing(ticket: Ticket): Item {
  const credential = [{ credentialType: CredentialType.Ticket, credentialValue: { ticket } }];
  return authentication.encode(Tag.Authentication, { credential }, { version: V2_1 });
}

/** Somebody who asks. */
export interface Asker {
  readonly name: string;
  /** What it shows when it connects. */
  readonly identity: ClientIdentity;
  readonly client: KmipClient;
  readonly tenantId: string;
  /** Fields of every request's header. */
  readonly header: readonly Item[];
  /** What it may name beside what it should not. */
  readonly own: Belongings;
}

/** Belongings of who owns one object, or none: it stands for all of them. */
class OneBelonging extends Belongings {
  private readonly only: Reference;

  constructor(client: KmipClient, only: Reference) {
    super(client);
    this.only = only;
  }

  override of(): Promise<Reference> {
    return Promise.resolve(this.only);
  }

  override fresh(): Promise<Reference> {
    return Promise.resolve(this.only);
  }

  override wrappedBy(): Promise<string> {
    return Promise.resolve(this.only.identifier);
  }

  override linked(): Promise<string> {
    return Promise.resolve(this.only.identifier);
  }
}

/** Everything the matrix needs. */
export interface World {
  readonly server: TestServer;
  readonly witness: Witness;
  readonly owner: Asker;
  readonly stranger: Asker;
  /** A client of the owner's tenant that has a delegated ticket for one other object. */
  readonly bearer: Asker;
  /** A client of the owner's tenant that may do everything else. */
  without(permission: Permission): Asker;
  /** A client of the owner's tenant that may do everything, but is another. */
  readonly neighbour: Asker;
  /** One of many clients of a tenant that may do everything, by its number. */
  another(tenant: string, number: number): Promise<Asker>;
  close(): Promise<void>;
}

/** Registers clients and connects as them. */
class Askers {
  private readonly server: TestServer;
  private readonly witness: Witness;
  private readonly made = new Map<string, Promise<Asker>>();

  constructor(server: TestServer, witness: Witness) {
    this.server = server;
    this.witness = witness;
  }

  /** A client of a tenant, registered when it is first asked for. */
  of(tenant: string, name: string, may: readonly Permission[] = permissions): Promise<Asker> {
    const key = `${tenant}/${name}`;
    const asker = this.made.get(key) ?? this.register(tenant, name, may);
    this.made.set(key, asker);
    return asker;
  }

  private async register(tenant: string, name: string, may: readonly Permission[]): Promise<Asker> {
    const { home, administration } = this.server;
    const folder = name === "demo-client" ? clientFolder(home) : await administration.issueClient(tenant, name);
    await administration.changeClient(tenant, name, JSON.stringify({ permissions: may }));
    const identity = readIdentity(folder);
    const client = await connectTo(this.server, { identity });
    const tenantId = await this.witness.tenantId(tenant);
    return { name, identity, client, tenantId, header: [], own: new Belongings(client) };
  }

  async close(): Promise<void> {
    for (const asker of this.made.values()) await (await asker).client.close();
  }
}

/** Starts a server with both tenants and all who ask. */
export async function startWorld(): Promise<World> {
  const home = startedHome();
  // Asynchronous requests rest until somebody asks for them, and connections may be silent for as long as a run takes.
  const settings = [
    "kmip:",
    "  limits:",
    "    idleSeconds: 86400",
    "asynchronous:",
    "  startDelayMilliseconds: 600000",
  ];
  writeFileSync(join(home, "keyreeve.yaml"), settings.join("\n"));
  const server = await startTestServer({ home });
  const witness = await Witness.open(join(home, "keyreeve.db"));
  await server.administration.createTenant(strangersTenant, JSON.stringify({ interoperabilityTests: true }));
  const askers = new Askers(server, witness);
  const owner = await askers.of(ownersTenant, "demo-client");
  const lacking = await askersWithout(askers, owner);
  return {
    server,
    witness,
    owner,
    stranger: await askers.of(strangersTenant, "stranger"),
    bearer: await bearerOf(owner, await askers.of(ownersTenant, "bearer")),
    neighbour: await askers.of(ownersTenant, "neighbour"),
    without(permission) {
      const found = lacking.get(permission);
      if (found === undefined) throw new RangeError(`nobody lacks ${permission}`);
      return found;
    },
    another: (tenant, number) => askers.of(tenant, `${tenant}-${number}`),
    async close() {
      await askers.close();
      await witness.close();
      await server.stop();
    },
  };
}

/** For each permission a client of the owner's tenant that has all others. */
async function askersWithout(askers: Askers, owner: Asker): Promise<ReadonlyMap<Permission, Asker>> {
  const lacking = new Map<Permission, Asker>();
  for (const permission of permissions) {
    const rest = permissions.filter((each) => each !== permission);
    const lacks = await askers.of(ownersTenant, `without-${permission}`, rest);
    const only = await makeObject(owner.client, "Symmetric Key", "Active");
    lacking.set(permission, { ...lacks, own: new OneBelonging(lacks.client, only) });
  }
  return lacking;
}

/** A client with a ticket for one object of the owner, and for everything that can be done with it. */
async function bearerOf(owner: Asker, asker: Asker): Promise<Asker> {
  const only = await makeObject(owner.client, "Symmetric Key", "Active");
  const rights = { right: [{ objects: { uniqueIdentifier: [named(only.identifier)] } }] };
  const { ticket } = await askFor<{ ticket: Ticket }>(owner.client, V2_1, Operation.DelegatedLogin, { rights });
  return { ...asker, header: [bearing(ticket)], own: new OneBelonging(asker.client, only) };
}

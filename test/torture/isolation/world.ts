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
  tenantIdOf(tenant: string): string;
  /** What an asker shows when it connects. */
  identityOf(asker: Asker): ClientIdentity;
  /** One of many clients of a tenant that may do everything, by its number. */
  another(tenant: string, number: number): Promise<Asker>;
  close(): Promise<void>;
}

/** Starts a server with both tenants and all who ask. */
export async function startWorld(): Promise<World> {
  const home = startedHome();
  // Asynchronous requests rest until somebody asks for them.
  writeFileSync(join(home, "keyreeve.yaml"), "asynchronous:\n  startDelayMilliseconds: 600000\n");
  const server = await startTestServer({ home });
  const { administration } = server;
  const open: KmipClient[] = [];
  const others = new Map<string, Promise<Asker>>();
  const identities = new Map<string, ClientIdentity>();
  const witness = await Witness.open(join(server.home, "keyreeve.db"));
  const tests = JSON.stringify({ interoperabilityTests: true });
  const ids = new Map([[strangersTenant, await administration.createTenant(strangersTenant, tests)]]);
  ids.set(ownersTenant, await witness.tenantId(ownersTenant));
  const tenantIdOf = (tenant: string): string => {
    const id = ids.get(tenant);
    if (id === undefined) throw new RangeError(`no tenant ${tenant}`);
    return id;
  };
  const connect = async (
    tenant: string,
    name: string,
    may: readonly Permission[] = permissions,
  ): Promise<KmipClient> => {
    const folder = name === "demo-client" ? clientFolder(server.home) : await administration.issueClient(tenant, name);
    await administration.changeClient(tenant, name, JSON.stringify({ permissions: may }));
    const identity = readIdentity(folder);
    const client = await connectTo(server, { identity });
    identities.set(name, identity);
    open.push(client);
    return client;
  };
  const asker = async (tenant: string, name: string, may?: readonly Permission[]): Promise<Asker> => {
    const client = await connect(tenant, name, may);
    return { name, client, tenantId: tenantIdOf(tenant), header: [], own: new Belongings(client) };
  };
  const owner = await asker(ownersTenant, "demo-client");
  const lacking = new Map<Permission, Asker>();
  for (const permission of permissions) {
    const rest = permissions.filter((each) => each !== permission);
    const lacks = await asker(ownersTenant, `without-${permission}`, rest);
    const nothing = new OneBelonging(lacks.client, await makeObject(owner.client, "Symmetric Key", "Active"));
    lacking.set(permission, { ...lacks, own: nothing });
  }
  return {
    server,
    witness,
    owner,
    stranger: await asker(strangersTenant, "stranger"),
    bearer: await bearerOf(owner, await asker(ownersTenant, "bearer")),
    neighbour: await asker(ownersTenant, "neighbour"),
    without(permission) {
      const found = lacking.get(permission);
      if (found === undefined) throw new RangeError(`nobody lacks ${permission}`);
      return found;
    },
    tenantIdOf,
    identityOf({ name }) {
      const found = identities.get(name);
      if (found === undefined) throw new RangeError(`nobody is called ${name}`);
      return found;
    },
    another(tenant, number) {
      const name = `${tenant}-${number}`;
      const made = others.get(name) ?? asker(tenant, name);
      others.set(name, made);
      return made;
    },
    async close() {
      for (const client of open) await client.close();
      await witness.close();
      await server.stop();
    },
  };
}

/** A client with a ticket for one object of the owner, and for everything that can be done with it. */
async function bearerOf(owner: Asker, { name, client, tenantId }: Asker): Promise<Asker> {
  const only = await makeObject(owner.client, "Symmetric Key", "Active");
  const rights = { right: [{ objects: { uniqueIdentifier: [named(only.identifier)] } }] };
  const { ticket } = await askFor<{ ticket: Ticket }>(owner.client, V2_1, Operation.DelegatedLogin, { rights });
  return { name, client, tenantId, header: [bearing(ticket)], own: new OneBelonging(client, only) };
}

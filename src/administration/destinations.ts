import { randomUUID, X509Certificate } from "node:crypto";
import { privateKeyFromPem } from "#certs/key-reading.js";
import { attributeByName } from "#protocol/attributes/definitions.js";
import { isPrefixedVendorAttribute } from "#protocol/attributes/instance.js";
import { Operation } from "#protocol/enums/index.js";
import { formatVersion, type ProtocolVersion, supportedVersions } from "#protocol/versions.js";
import type { Configuration } from "#src/config/configuration.js";
import type { RootPartition } from "#src/crypto/port.js";
import { queueFor } from "#src/inventory/message-queue.js";
import { destinationKeyContext } from "#src/inventory/seal-contexts.js";
import { type Siblings, topic } from "#src/siblings/siblings.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import type { DestinationRow } from "#storage/destination-types.js";
import { StorageError } from "#storage/errors.js";
import type { TenantRow } from "#storage/types.js";
import { type Actor, administrationRecord } from "./audit-record.js";
import { AdministrationError, checkName } from "./errors.js";
import { findClient } from "./find-client.js";
import type { Tenants } from "./tenants.js";

/** A destination to be added: an address with what is shown there, or a client that takes the server role. */
export interface DestinationRequest {
  readonly tenant: string;
  readonly name: string;
  readonly host?: string;
  readonly port?: number;
  /** PEM: the certificate the server shows, its key, and the authorities of the destination's certificate. */
  readonly certificate?: string;
  readonly key?: string;
  readonly authority?: string;
  /** Name of a client of the tenant. */
  readonly client?: string;
  /** The KMIP version to speak, such as `1.4`; the destination is asked where absent. */
  readonly version?: string;
  /** Names of attributes whose change is notified; `*` stands for all. None where absent. */
  readonly subscribe?: readonly string[];
}

/** A destination, as operators see it. */
export interface DestinationSummary {
  readonly tenant: string;
  readonly name: string;
  /** `host:port`, or null for a client. */
  readonly address: string | null;
  /** Name of the client, or null for an address. */
  readonly client: string | null;
  /** Null where the destination is asked. */
  readonly version: string | null;
  readonly subscribe: readonly string[];
  /** Messages that wait, and messages that were not kept because too many waited. */
  readonly waiting: number;
  readonly dropped: number;
  /** Failed attempts since the last success. */
  readonly failures: number;
  readonly lastError: string | null;
  /** ISO 8601; null before the first. */
  readonly lastDeliveredAt: string | null;
}

/** An object to be pushed to a destination. */
export interface PutOrder {
  readonly tenant: string;
  readonly destination: string;
  /** Unique Identifier. */
  readonly object: string;
  /** Unique Identifier of the object it replaces there. */
  readonly replaces?: string;
}

const destinationsChanged = topic<null>("destinations have changed");

/** Adds, lists and removes destinations, and orders objects to be pushed. Every change is audited with it. */
export class Destinations {
  private readonly options: {
    readonly database: Database;
    readonly tenants: Tenants;
    readonly root: RootPartition;
    readonly configuration: Pick<Configuration, "destinations">;
    readonly siblings: Siblings;
  };

  private readonly listeners: (() => void)[] = [];

  constructor(options: Destinations["options"]) {
    this.options = options;
    options.siblings.on(destinationsChanged, () => this.lookAgain());
  }

  /** Has a function called after every change. */
  onChanged(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Throws AdministrationError. */
  async add(actor: Actor, request: DestinationRequest): Promise<DestinationSummary> {
    checkName("destination", request.name);
    const tenant = await this.options.tenants.find(request.tenant);
    const id = randomUUID();
    const destination: DestinationRow = {
      id,
      tenantId: tenant.id,
      name: request.name,
      ...(await this.wayTo(tenant, id, request)),
      protocolVersion: versionOf(request.version),
      subscription: JSON.stringify(subscriptionOf(request.subscribe)),
      createdAt: Date.now(),
      failures: 0,
      nextAttemptAt: 0,
      lastError: null,
      lastDeliveredAt: null,
      dropped: 0,
      claimedBy: null,
      claimedUntil: 0,
    };
    try {
      await this.options.database.commit([
        change("destinations", "create", destination),
        change("audit", "append", this.record(actor, "Add Destination", tenant, { destination: request.name })),
      ]);
    } catch (error) {
      if (!(error instanceof StorageError && error.code === "duplicate")) throw error;
      throw new AdministrationError("exists", `tenant "${tenant.name}" has a destination "${request.name}" already`);
    }
    await this.changed();
    return this.summary(tenant, destination);
  }

  /** The destinations of a tenant by name. Throws AdministrationError. */
  async list(tenantName: string): Promise<readonly DestinationSummary[]> {
    const tenant = await this.options.tenants.find(tenantName);
    const rows = await this.options.database.read.destinations.list(tenant.id);
    return Promise.all(rows.map((row) => this.summary(tenant, row)));
  }

  /** Removes a destination with all that waits for it, and gives it as it was. Throws AdministrationError. */
  async remove(
    actor: Actor,
    { tenant: tenantName, name }: Pick<DestinationRequest, "tenant" | "name">,
  ): Promise<DestinationSummary> {
    const { tenant, destination } = await this.find(tenantName, name);
    const summary = await this.summary(tenant, destination);
    await this.options.database.commit([
      change("destinations", "remove", tenant.id, destination.id),
      change("audit", "append", this.record(actor, "Remove Destination", tenant, { destination: name })),
    ]);
    await this.changed();
    return summary;
  }

  /** Has an object pushed to a destination as soon as it can be reached. Throws AdministrationError. */
  async put(actor: Actor, order: PutOrder): Promise<DestinationSummary> {
    const { tenant, destination } = await this.find(order.tenant, order.destination);
    const { database, configuration } = this.options;
    if ((await database.read.objects.byId(tenant.id, order.object)) === null) {
      throw new AdministrationError("not-found", `tenant "${tenant.name}" has no object ${order.object}`);
    }
    const { maximumWaiting, lifetimeSeconds } = configuration.destinations;
    const limits = { maximumWaiting, lifetimeMilliseconds: lifetimeSeconds * 1000 };
    if ((await database.read.destinations.waiting(destination.id)) >= maximumWaiting) {
      throw new AdministrationError("wrong-state", `too much waits for destination "${order.destination}" already`);
    }
    const detail = order.replaces === undefined ? {} : { replaces: order.replaces };
    const message = { operation: Operation.Put, objectId: order.object, detail };
    const facts = { destination: order.destination, object: order.object };
    await database.commit([
      queueFor(destination, message, limits, Date.now()),
      change("audit", "append", this.record(actor, "Order Put", tenant, facts)),
    ]);
    await this.changed();
    return this.summary(tenant, destination);
  }

  /** Has all processes look again at what destinations there are. */
  private async changed(): Promise<void> {
    this.lookAgain();
    await this.options.siblings.tell(destinationsChanged, null);
  }

  private lookAgain(): void {
    for (const listener of this.listeners) listener();
  }

  private async find(tenantName: string, name: string): Promise<{ tenant: TenantRow; destination: DestinationRow }> {
    const tenant = await this.options.tenants.find(tenantName);
    const destination = await this.options.database.read.destinations.byName(tenant.id, name);
    if (destination !== null) return { tenant, destination };
    throw new AdministrationError("not-found", `tenant "${tenant.name}" has no destination "${name}"`);
  }

  private async wayTo(tenant: TenantRow, id: string, request: DestinationRequest): Promise<WayTo> {
    const { host, port, certificate, key, authority, client } = request;
    if (client !== undefined) {
      if (host !== undefined || port !== undefined) throw invalid("give an address or a client, not both");
      const { id: clientId } = await findClient(this.options.database, tenant, client);
      return { ...noAddress, kind: "client", clientId };
    }
    if (host === undefined || port === undefined) throw invalid("give host and port, or a client");
    if (certificate === undefined || key === undefined || authority === undefined) {
      throw invalid("a destination by address needs certificate, key and authority");
    }
    checkPair(certificate, key, authority);
    const plain = Buffer.from(key, "utf8");
    const sealedKey = await this.options.root.seal(plain, destinationKeyContext(id));
    plain.fill(0);
    return {
      kind: "address",
      clientId: null,
      host,
      port,
      certificatePem: certificate,
      sealedKey,
      authorityPem: authority,
    };
  }

  private record(actor: Actor, operation: string, tenant: TenantRow, detail: Readonly<Record<string, string>>) {
    return administrationRecord(actor, operation, { tenantId: tenant.id, partition: tenant.name, detail });
  }

  private async summary(tenant: TenantRow, row: DestinationRow): Promise<DestinationSummary> {
    const { database } = this.options;
    const client = row.clientId === null ? null : await database.read.clients.byId(tenant.id, row.clientId);
    return {
      tenant: tenant.name,
      name: row.name,
      address: row.host === null ? null : `${row.host}:${row.port}`,
      client: client?.name ?? null,
      version: row.protocolVersion === null ? null : formatVersion(row.protocolVersion),
      subscribe: JSON.parse(row.subscription) as readonly string[],
      waiting: await database.read.destinations.waiting(row.id),
      dropped: row.dropped,
      failures: row.failures,
      lastError: row.lastError,
      lastDeliveredAt: row.lastDeliveredAt === null ? null : new Date(row.lastDeliveredAt).toISOString(),
    };
  }
}

type WayTo = Pick<
  DestinationRow,
  "kind" | "clientId" | "host" | "port" | "certificatePem" | "sealedKey" | "authorityPem"
>;

const noAddress = { host: null, port: null, certificatePem: null, sealedKey: null, authorityPem: null } as const;

function invalid(message: string): AdministrationError {
  return new AdministrationError("invalid", message);
}

function versionOf(text: string | undefined): ProtocolVersion | null {
  if (text === undefined) return null;
  const version = supportedVersions.find((supported) => formatVersion(supported) === text);
  if (version === undefined)
    throw invalid(`KMIP ${text} is not one of ${supportedVersions.map(formatVersion).join(", ")}`);
  return version;
}

function subscriptionOf(names: readonly string[] = []): readonly string[] {
  const unknown = names.find(
    (name) => name !== "*" && attributeByName(name) === undefined && !isPrefixedVendorAttribute(name),
  );
  if (unknown !== undefined) throw invalid(`there is no attribute "${unknown}"; "*" stands for all`);
  return names;
}

function checkPair(certificate: string, key: string, authority: string): void {
  try {
    const isItsKey = new X509Certificate(certificate).checkPrivateKey(privateKeyFromPem(key));
    if (!isItsKey) throw invalid("the key does not belong to the certificate");
    new X509Certificate(authority);
  } catch (error) {
    if (error instanceof AdministrationError) throw error;
    throw invalid("certificate, key and authority must be PEM, and the key without a password");
  }
}

import type { Identities } from "#src/access/identities.js";
import type { Configuration } from "#src/config/configuration.js";
import type { RootPartition } from "#src/crypto/port.js";
import { destinationKeyContext } from "#src/inventory/seal-contexts.js";
import { Deliverer, type Endpoint } from "#src/jobs/deliverer.js";
import { type Channel, ChannelError } from "#src/net/exchange.js";
import type { ConnectionInfo } from "#src/net/handler.js";
import { connectTo } from "#src/net/outgoing.js";
import type { Services } from "#src/pipeline/services.js";
import { change } from "#storage/changes.js";
import type { DestinationRow } from "#storage/destination-types.js";
import { type Acquaintance, endpointOver, greet } from "./client-endpoint.js";

/** A client that took the server role on its connection. */
interface ServingClient {
  readonly channel: Channel;
  readonly acquaintance: Acquaintance;
}

/** What sending to clients works with. */
export interface ToClientsOptions {
  readonly services: Services;
  readonly identities: Identities;
  readonly root: RootPartition;
  readonly configuration: Configuration;
  /** Whether this process connects to destinations that are addresses. */
  readonly connects: boolean;
}

/** Sends what the server has to tell: to addresses it connects to, and to clients that took the server role. */
export class ToClients {
  readonly deliverer: Deliverer;
  private readonly options: ToClientsOptions;
  private readonly serving = new Map<string, ServingClient>();

  constructor(options: ToClientsOptions) {
    this.options = options;
    const { database, log, auditAppended, clock } = options.services;
    this.deliverer = new Deliverer({
      database,
      log: { info: log.debug.bind(log), warn: log.warn.bind(log), error: log.error.bind(log) },
      reaches: (destination) =>
        destination.kind === "address" ? options.connects : this.servingClient(destination) !== undefined,
      open: (destination) => this.open(destination),
      auditAppended,
      now: () => clock.wallMilliseconds(),
    });
  }

  /** A client took the server role: it is asked what it can do, and gets what waits for it. */
  reversed(connection: ConnectionInfo, channel: Channel): void {
    const { log } = this.options.services;
    this.meet(connection, channel).catch((error: unknown) => {
      log.warn({ connection: connection.id, error }, "a client that took the server role does not answer");
      channel.close("the client does not answer as a server");
    });
  }

  private async meet({ peer, id }: ConnectionInfo, channel: Channel): Promise<void> {
    const { identities, services } = this.options;
    const identity = peer === null ? null : await identities.find(peer.fingerprint256);
    const acquaintance = await greet(channel);
    services.log.debug({ connection: id, ...acquaintance }, "a client took the server role");
    if (identity === null) return;
    const { client } = identity;
    this.serving.set(client.id, { channel, acquaintance });
    for (const destination of await services.database.read.destinations.list(client.tenantId)) {
      if (destination.clientId === client.id) await this.hasten(destination);
    }
    this.deliverer.look();
  }

  private async hasten({ id }: DestinationRow): Promise<void> {
    const { database } = this.options.services;
    await database.commit([change("destinations", "hasten", id)]);
  }

  private servingClient({ clientId }: DestinationRow): ServingClient | undefined {
    if (clientId === null) return undefined;
    const client = this.serving.get(clientId);
    if (client === undefined || client.channel.isOpen) return client;
    this.serving.delete(clientId);
    return undefined;
  }

  private async open(destination: DestinationRow): Promise<Endpoint> {
    const { services } = this.options;
    if (destination.kind === "client") {
      const client = this.servingClient(destination);
      if (client === undefined) throw new ChannelError("the client is not connected in the server role");
      return endpointOver(services, destination, client.channel, client.acquaintance, () => undefined);
    }
    const channel = await this.connect(destination);
    const close = (): void => channel.close("done");
    try {
      const { protocolVersion } = destination;
      const acquaintance =
        protocolVersion === null ? await greet(channel) : { version: protocolVersion, operations: undefined };
      return endpointOver(services, destination, channel, acquaintance, close);
    } catch (error) {
      close();
      throw error;
    }
  }

  private async connect(destination: DestinationRow): Promise<Channel> {
    const { root, configuration } = this.options;
    const { host, port, certificatePem, sealedKey, authorityPem } = destination;
    if (host === null || port === null || certificatePem === null || sealedKey === null || authorityPem === null) {
      throw new TypeError("a destination by address lacks its address or its certificate");
    }
    const { connectSeconds, answerSeconds } = configuration.destinations;
    const key = await root.unseal(Buffer.from(sealedKey), destinationKeyContext(destination.id));
    try {
      return await connectTo({
        host,
        port,
        certificatePem,
        privateKeyPem: key.toString("utf8"),
        authorityPem,
        connectMilliseconds: connectSeconds * 1000,
        answerMilliseconds: answerSeconds * 1000,
        maximumMessageBytes: configuration.kmip.limits.maximumMessageBytes,
      });
    } finally {
      key.fill(0);
    }
  }
}

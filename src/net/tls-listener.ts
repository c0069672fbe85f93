import { type AddressInfo, createServer, type Server as TcpServer } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import type { CertificateDescription } from "#certs/describe.js";
import { NoSiblings } from "#src/siblings/alone.js";
import { JointCounts } from "#src/siblings/joint-counts.js";
import type { Siblings } from "#src/siblings/siblings.js";
import { type CertificateJudge, type CertificateRule, judgeClient } from "./admission.js";
import { Arrivals, plainAddress } from "./arrivals.js";
import type { Admission, ConnectionInfo, ListenerObserver } from "./handler.js";
import {
  diagnoseHandshakeError,
  type HandshakeFailureCode,
  handshakeDiagnoses,
  reasonOf,
} from "./handshake-diagnosis.js";
import { defaultListenerLimits, type ListenerLimits } from "./limits.js";
import { secureContextOptions, type TlsSettings } from "./tls-settings.js";

/** How a listener is set up, whatever is spoken over it. */
export interface TlsListenerOptions extends Partial<Omit<CertificateRule, "weakCertificates">> {
  /** All IPv4 addresses when left out. */
  readonly host?: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly tls: TlsSettings;
  readonly limits?: Partial<ListenerLimits>;
  readonly observer?: ListenerObserver;
  /** The other processes that listen on the same port: connections of one client or address count in all of them. */
  readonly siblings?: Siblings;
  /** Tells this listener from others of the same process. */
  readonly name?: string;
  /** Decides which certificates are sound; without it, those of the TLS settings' authorities are. */
  readonly judge?: CertificateJudge;
  /** Whether a client may connect, asked once after each handshake; without it, all whose certificate is sound may. */
  authorise?(peer: CertificateDescription | null, remoteAddress: string): Admission | Promise<Admission>;
}

/** A connection as its listener knows it. */
export interface OpenConnection extends ConnectionInfo {
  /** Its next request is put off, because the last one was refused. */
  readonly isHeldBack: boolean;
  /** Begins to read. */
  open(): void;
  /** Answers the requests that have arrived whole, then ends the connection. */
  drain(): void;
}

/** What a connection tells its listener. */
export interface ConnectionEvents {
  onClose(connection: OpenConnection, reason: string): void;
  onFault(error: unknown, connection: OpenConnection): void;
}

/** What is spoken over the connections of a listener. */
export interface SpokenProtocol {
  /** For the negotiation of TLS (ALPN); without it, the listener takes no part in it. */
  readonly applicationProtocols?: readonly string[];
  connection(socket: TLSSocket, client: Client, limits: ListenerLimits, events: ConnectionEvents): OpenConnection;
}

/** Who connected, from where. */
export interface Client {
  readonly address: string;
  readonly port: number;
  readonly peer: CertificateDescription | null;
}

const anyIpv4 = "0.0.0.0";

/**
 * The door of every listener that clients reach: takes TLS connections, checks their certificates, keeps the limits and
 * gives what is left to those who speak the protocol. Knows nothing of what is spoken.
 */
export class TlsListener {
  private readonly options: TlsListenerOptions;
  private readonly protocol: SpokenProtocol;
  private readonly limits: ListenerLimits;
  private readonly rule: CertificateRule;
  private readonly observer: ListenerObserver;
  private readonly tcp: TcpServer;
  private readonly tls: TlsServer;
  private readonly arrivals: Arrivals;
  private readonly open = new Map<string, OpenConnection>();
  private readonly perCertificate: JointCounts;
  private stopping = false;
  private whenEmpty: (() => void) | undefined;

  /** @throws TlsSettingsError when certificates, keys or authorities cannot be used. */
  constructor(options: TlsListenerOptions, protocol: SpokenProtocol) {
    this.options = options;
    this.protocol = protocol;
    this.limits = { ...defaultListenerLimits, ...options.limits };
    this.observer = options.observer ?? {};
    this.rule = {
      clientCertificate: options.clientCertificate ?? "required",
      requireClientAuthUsage: options.requireClientAuthUsage ?? true,
      weakCertificates: options.tls.profile === "legacy",
    };
    const { siblings = new NoSiblings(), name = "" } = options;
    this.perCertificate = new JointCounts(siblings, `connections of a client ${name}`);
    this.arrivals = new Arrivals({
      perAddress: new JointCounts(siblings, `connections of an address ${name}`),
      limits: this.limits,
      onHandshake: (raw) => this.tls.emit("connection", raw),
      onFailure: (code, detail, from) => this.failed(code, detail, { ...from, peer: null }),
    });
    this.tls = this.createTlsServer();
    this.tcp = this.createTcpServer();
  }

  /** Starts to accept, and tells the address in use. Rejects when the address cannot be had. */
  listen(): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.tcp.once("error", reject);
      this.tcp.listen({ host: this.options.host ?? anyIpv4, port: this.options.port }, () => {
        this.tcp.off("error", reject);
        this.tcp.on("error", (error) => this.observer.onFault?.(error, null));
        resolve(this.address());
      });
    });
  }

  /** The address in use. @throws Error when the listener is not listening. */
  address(): AddressInfo {
    const address = this.tcp.address();
    if (address === null || typeof address === "string") throw new Error("The listener is not listening");
    return address;
  }

  /** The open connections. */
  connections(): readonly ConnectionInfo[] {
    return [...this.open.values()];
  }

  /** Open connections whose next request is put off, because their last one was refused. Looks at all of them. */
  get heldBack(): number {
    let count = 0;
    for (const { isHeldBack } of this.open.values()) if (isHeldBack) count += 1;
    return count;
  }

  /** Handshakes in progress, connections that have sent nothing yet included. */
  get handshakesInProgress(): number {
    return this.arrivals.inProgress;
  }

  /** Cuts the connections for which the predicate holds, at once, and tells how many; for revoked clients. */
  destroyWhere(predicate: (connection: ConnectionInfo) => boolean, reason: string): number {
    const chosen = this.connections().filter(predicate);
    for (const connection of chosen) connection.destroy(reason);
    return chosen.length;
  }

  /**
   * Takes new certificates, authorities or revocation lists for the handshakes from now on.
   *
   * @throws TlsSettingsError when they cannot be used; the old ones stay.
   */
  reload(tls: TlsSettings): void {
    this.tls.setSecureContext(secureContextOptions(tls));
  }

  /**
   * Accepts nothing more, answers the requests that have arrived whole, ends the connections, and cuts those that are
   * left when the time is over. Tells how many were cut.
   */
  async stop(options: { readonly timeoutMilliseconds: number }): Promise<{ readonly cut: number }> {
    this.stopping = true;
    const closed = new Promise<void>((resolve) => this.tcp.close(() => resolve()));
    this.arrivals.endAll("stopping");
    const empty = new Promise<void>((resolve) => {
      this.whenEmpty = resolve;
    });
    for (const connection of this.open.values()) connection.drain();
    if (this.open.size > 0) await within(empty, options.timeoutMilliseconds);
    const cut = this.destroyWhere(() => true, "the server stopped before its request was done");
    await closed;
    if (this.open.size > 0) await empty;
    return { cut };
  }

  private createTcpServer(): TcpServer {
    const tcp = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (raw) =>
      this.arrivals.add(raw),
    );
    tcp.maxConnections = this.limits.maximumConnections;
    tcp.on("drop", (from) => {
      const client = { address: plainAddress(from?.remoteAddress), port: from?.remotePort ?? 0, peer: null };
      this.failed("connections-in-all", "", client);
    });
    return tcp;
  }

  /** The TLS server never listens itself: it is handed the TCP connections whose first bytes look like TLS. */
  private createTlsServer(): TlsServer {
    const tls = createTlsServer({
      ...secureContextOptions(this.options.tls),
      ...(this.protocol.applicationProtocols && { ALPNProtocols: [...this.protocol.applicationProtocols] }),
      requestCert: true,
      rejectUnauthorized: false,
      // Arrivals keep the deadline; this one only frees what they might miss.
      handshakeTimeout: this.limits.handshakeMilliseconds * 2,
    });
    tls.on("secureConnection", (socket) => this.handshakeDone(socket));
    tls.on("tlsClientError", (error, socket) => {
      const arrival = this.arrivals.settle(socket);
      if (arrival !== undefined) {
        this.failed(diagnoseHandshakeError(error), reasonOf(error), { ...arrival, peer: null });
      }
      socket.destroy();
    });
    return tls;
  }

  private handshakeDone(socket: TLSSocket): void {
    // Half-open only from here on: in the handshake, a client that ends has given up.
    socket.allowHalfOpen = true;
    socket.on("error", () => socket.destroy());
    this.admit(socket).catch((error: unknown) => {
      this.observer.onFault?.(error, null);
      socket.destroy();
    });
  }

  /** Until it is decided, the client counts as an arrival, under the deadline and caps of those. */
  private async admit(socket: TLSSocket): Promise<void> {
    const address = plainAddress(socket.remoteAddress);
    const judgement = await judgeClient(socket, this.rule, address, this.options.judge);
    const admission = judgement.sound ? await this.authorise(judgement.peer, socket) : undefined;
    const arrival = this.arrivals.settle(socket);
    if (arrival === undefined) {
      socket.destroy();
      return;
    }
    const client: Client = { address: arrival.address, port: arrival.port, peer: judgement.peer };
    if (!judgement.sound) this.refuse(socket, judgement.code, judgement.detail, client);
    else if (admission?.accept === false) this.refuse(socket, "not-authorised", admission.reason, client);
    else if (this.stopping) this.refuse(socket, "stopping", "", client);
    else if (this.isAtLimit(client.peer)) this.refuse(socket, "connections-of-client", "", client);
    else this.connect(socket, client);
  }

  private async authorise(peer: CertificateDescription | null, socket: TLSSocket): Promise<Admission> {
    if (this.options.authorise === undefined) return { accept: true };
    return this.options.authorise(peer, plainAddress(socket.remoteAddress));
  }

  private isAtLimit(peer: CertificateDescription | null): boolean {
    if (peer === null) return false;
    return this.perCertificate.count(peer.fingerprint256) >= this.limits.maximumConnectionsPerClient;
  }

  private connect(socket: TLSSocket, client: Client): void {
    const connection = this.protocol.connection(socket, client, this.limits, {
      onClose: (closed, reason) => this.closed(closed, reason),
      onFault: (error, connection) => this.observer.onFault?.(error, connection),
    });
    this.open.set(connection.id, connection);
    this.countCertificate(client.peer, 1);
    this.observer.onConnection?.(connection);
    connection.open();
  }

  private closed(connection: OpenConnection, reason: string): void {
    this.open.delete(connection.id);
    this.countCertificate(connection.peer, -1);
    this.observer.onClose?.(connection, reason);
    if (this.open.size === 0) this.whenEmpty?.();
  }

  private countCertificate(peer: CertificateDescription | null, change: 1 | -1): void {
    if (peer === null) return;
    this.perCertificate.add(peer.fingerprint256, change);
  }

  private refuse(socket: TLSSocket, code: HandshakeFailureCode, detail: string, client: Client): void {
    this.failed(code, detail, client);
    socket.destroySoon();
  }

  private failed(code: HandshakeFailureCode, detail: string, client: Client): void {
    this.observer.onHandshakeFailure?.({
      code,
      explanation: handshakeDiagnoses[code].explanation,
      detail,
      remoteAddress: client.address,
      remotePort: client.port,
      peer: client.peer,
    });
  }
}

async function within(done: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([done, late]);
  clearTimeout(timer);
}

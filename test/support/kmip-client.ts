import { connect as connectTcp } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type SecureVersion, type TLSSocket } from "node:tls";
import type { Item } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";

/** What a client needs to show and to trust, in PEM. A client without a certificate leaves it out. */
export interface ClientIdentity {
  readonly certificate?: string;
  readonly key?: string;
  readonly authority: string;
}

/** Where and how to connect. */
export interface ConnectOptions {
  readonly port: number;
  readonly host?: string;
  readonly identity: ClientIdentity;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  /** Cipher suites, as OpenSSL takes them. */
  readonly ciphers?: string;
  /** How long an answer may take, in milliseconds, before `exchange` fails. */
  readonly answerWithin?: number;
}

/** The connection ended, or no answer came in time. */
export class ConnectionLost extends Error {
  readonly isTimeout: boolean;

  constructor(message: string, isTimeout = false) {
    super(message);
    this.name = "ConnectionLost";
    this.isTimeout = isTimeout;
  }
}

interface Waiting {
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: ConnectionLost) => void;
  readonly timer: NodeJS.Timeout;
}

const headerBytes = 8;

/** Longest time until a connection stands, in milliseconds. */
const handshakeWithin = 60_000;

/** A KMIP client over one TLS connection: sends messages, one behind the other if wanted, and frames the answers. */
export class KmipClient {
  /** Settles when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  private readonly socket: TLSSocket;
  private readonly answerWithin: number;
  private readonly waiting: Waiting[] = [];
  private received: Buffer = Buffer.alloc(0);
  private readonly unasked: Buffer[] = [];

  private constructor(socket: TLSSocket, answerWithin: number) {
    this.socket = socket;
    this.answerWithin = answerWithin;
    socket.on("data", (chunk) => this.take(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.destroy());
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.once("close", () => this.failWaiting("the connection was closed"));
  }

  /** Connects and completes the handshake. Rejects with what TLS says where the server refuses it. */
  static connect(options: ConnectOptions): Promise<KmipClient> {
    const { identity } = options;
    return new Promise((resolve, reject) => {
      const socket = connect({
        socket: connectTcp({ port: options.port, host: options.host ?? "127.0.0.1", noDelay: true }),
        ca: identity.authority,
        ...(identity.certificate === undefined ? {} : { cert: identity.certificate }),
        ...(identity.key === undefined ? {} : { key: identity.key }),
        ...(options.minVersion === undefined ? {} : { minVersion: options.minVersion }),
        ...(options.maxVersion === undefined ? {} : { maxVersion: options.maxVersion }),
        ...(options.ciphers === undefined ? {} : { ciphers: options.ciphers }),
        servername: "localhost",
      });
      const timer = setTimeout(() => {
        socket.destroy(new ConnectionLost(`no handshake within ${handshakeWithin} ms`, true));
      }, handshakeWithin);
      socket.once("close", () => clearTimeout(timer));
      socket.once("error", reject);
      socket.once("secureConnect", () => {
        clearTimeout(timer);
        socket.off("error", reject);
        resolve(new KmipClient(socket, options.answerWithin ?? 20_000));
      });
    });
  }

  /** Sends bytes as they are. */
  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends bytes and gives the next answer that is not yet somebody's; calls may overlap, answers come in order. */
  exchange(bytes: Buffer): Promise<Buffer> {
    const answer = this.nextAnswer();
    this.send(bytes);
    return answer;
  }

  /** The next answer. Rejects with ConnectionLost. */
  nextAnswer(): Promise<Buffer> {
    const early = this.unasked.shift();
    if (early !== undefined) return Promise.resolve(early);
    if (this.socket.destroyed) return Promise.reject(new ConnectionLost("the connection is closed"));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.failWaiting(`no answer within ${this.answerWithin} ms`, true);
        this.socket.destroy();
      }, this.answerWithin);
      this.waiting.push({ resolve, reject, timer });
    });
  }

  /** Sends a message and gives the answer as a tree. */
  async request(message: Item): Promise<Item> {
    return decodeItem(await this.exchange(encodeItem(message)));
  }

  /** Says that nothing more will be sent; answers can still come. */
  end(): void {
    this.socket.end();
  }

  /** Waits for the end of the connection, so many milliseconds at most. Gives whether it came. */
  async closedWithin(milliseconds: number): Promise<boolean> {
    const timer = new AbortController();
    const tooLate = pause(milliseconds, false, { signal: timer.signal }).catch(() => false);
    const isClosed = await Promise.race([this.closed.then(() => true), tooLate]);
    timer.abort();
    return isClosed;
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  private take(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    while (this.received.length >= headerBytes) {
      const length = headerBytes + this.received.readUInt32BE(4);
      if (this.received.length < length) return;
      const answer = this.received.subarray(0, length);
      this.received = this.received.subarray(length);
      const waiting = this.waiting.shift();
      if (waiting === undefined) {
        this.unasked.push(answer);
      } else {
        clearTimeout(waiting.timer);
        waiting.resolve(answer);
      }
    }
  }

  private failWaiting(message: string, isTimeout = false): void {
    for (const { reject, timer } of this.waiting.splice(0)) {
      clearTimeout(timer);
      reject(new ConnectionLost(message, isTimeout));
    }
  }
}

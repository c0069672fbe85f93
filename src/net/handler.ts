import type { CertificateDescription } from "#certs/describe.js";
import type { Channel } from "./exchange.js";
import type { UnreadableReason } from "./frame-reader.js";
import type { HandshakeFailure } from "./handshake-diagnosis.js";

/** One open connection, after its handshake. */
export interface ConnectionInfo {
  /** Unique in this process's life and beyond: a UUID. */
  readonly id: string;
  /** The client's address; IPv4 in its own form also where the socket is IPv6. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** `TLSv1.2` or `TLSv1.3`; `TLSv1` or `TLSv1.1` on a listener for old clients. */
  readonly tlsVersion: string;
  /** The cipher suite as OpenSSL names it. */
  readonly cipher: string;
  /** The client's certificate, which its authority has vouched for; null where the client sent none. */
  readonly peer: CertificateDescription | null;
  readonly openedAt: Date;
  /** False once nothing can reach the client any more. */
  readonly isOpen: boolean;
  /** Cuts the connection at once; the reason, in words for the log, is told to `onClose`. */
  destroy(reason: string): void;
}

/** Whether a client may stay connected; the reason, in words for the log, goes to `onHandshakeFailure`. */
export type Admission = { readonly accept: true } | { readonly accept: false; readonly reason: string };

/** A connection that may have to wait with its next request. */
export interface ServedConnection extends ConnectionInfo {
  /**
   * The request in work is refused because too much is asked for: its answer leaves at once, but the next one is taken
   * later, the later the more of late were refused.
   */
  holdBack(): void;
}

/** A connection on which the client can take the server role (KMIP 2.1 §6.1.54). */
export interface ReversibleConnection extends ServedConnection {
  /** Has the client take the server role when the request in work is answered; `onReversed` is told. */
  reverse(): void;
}

/** What a listener asks of those who know KMIP. */
export interface KmipHandler {
  /**
   * Answers one request message with exactly one response message. Called for one message of a connection at a time,
   * in the order of arrival. A rejection cuts the connection.
   */
  onMessage(connection: ReversibleConnection, message: Buffer): Promise<Buffer>;
  /** The client has taken the server role: from now on it is asked through the channel, and asks nothing. */
  onReversed?(connection: ConnectionInfo, channel: Channel): void;
  /**
   * Gives the last answer of a connection whose bytes cannot be read as a message, or null for none. `headerBytes`
   * holds the first bytes of the request, at most eight.
   */
  onUnreadable(
    connection: ConnectionInfo,
    reason: UnreadableReason,
    headerBytes: Buffer,
  ): Buffer | null | Promise<Buffer | null>;
  /** Whether a client may connect, asked once after each handshake; without it, all whose certificate is sound may. */
  authorise?(peer: CertificateDescription | null, remoteAddress: string): Admission | Promise<Admission>;
}

/** What a listener tells, for logs, metrics and audit. None of these may throw. */
export interface ListenerObserver {
  onConnection?(connection: ConnectionInfo): void;
  onClose?(connection: ConnectionInfo, reason: string): void;
  /** A client did not get as far as a connection: the handshake failed, a limit was reached, or it was refused. */
  onHandshakeFailure?(failure: HandshakeFailure): void;
  /** Something failed in this process: the handler rejected (then with the connection) or the listening socket. */
  onFault?(error: unknown, connection: ConnectionInfo | null): void;
}

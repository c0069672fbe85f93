import { defaultTtlvLimits } from "#protocol/ttlv/limits.js";

/** The bounds of one KMIP listener. Times are in milliseconds, sizes in bytes. */
export interface ListenerLimits {
  /** The longest request message, its 8-byte header included. */
  readonly maximumMessageBytes: number;
  /** Whole requests that wait behind the one in work; beyond it the connection is not read. */
  readonly maximumPipelinedRequests: number;
  /** Bytes read ahead while a request is in work; beyond it the connection is not read. */
  readonly maximumReadAheadBytes: number;
  /** Bytes of answers that a slow reader has not taken; beyond it the connection's next request has to wait. */
  readonly maximumUnsentBytes: number;
  /** From the TCP connection to the first byte of the TLS handshake. */
  readonly firstByteMilliseconds: number;
  /** From the first byte to the end of the TLS handshake. */
  readonly handshakeMilliseconds: number;
  /** From the first byte of a request to its last; not extended by bytes that trickle in. */
  readonly messageMilliseconds: number;
  /** Without any request, from the end of the handshake or the last answer. Clients keep pools open for minutes. */
  readonly idleMilliseconds: number;
  /** Without progress in sending an answer. */
  readonly writeMilliseconds: number;
  /** A client that is refused because too much is asked for is not read for so long; twice as long each further time. */
  readonly firstHoldMilliseconds: number;
  /** Up to so long. */
  readonly longestHoldMilliseconds: number;
  /** Between our end of a connection and its destruction, so that the client can still read the last answer. */
  readonly lingerMilliseconds: number;
  /** TCP connections in all, those in the handshake included. */
  readonly maximumConnections: number;
  /** TCP connections from one address, those in the handshake included. */
  readonly maximumConnectionsPerAddress: number;
  /** Connections with one client certificate. */
  readonly maximumConnectionsPerClient: number;
  /** Handshakes in progress; above it the oldest is ended, silent ones first, to make room for the newest. */
  readonly maximumHandshakes: number;
  /** A handshake is not ended for another before this age, so that a storm of honest clients gets through. */
  readonly handshakeGraceMilliseconds: number;
}

const seconds = 1000;
const kibibytes = 1024;

/** The limits that hold where the configuration says nothing else. */
export const defaultListenerLimits: ListenerLimits = {
  maximumMessageBytes: defaultTtlvLimits.maximumBytes,
  maximumPipelinedRequests: 16,
  maximumReadAheadBytes: 64 * kibibytes,
  maximumUnsentBytes: 1024 * kibibytes,
  firstByteMilliseconds: 10 * seconds,
  handshakeMilliseconds: 10 * seconds,
  messageMilliseconds: 30 * seconds,
  idleMilliseconds: 900 * seconds,
  writeMilliseconds: 30 * seconds,
  firstHoldMilliseconds: 50,
  longestHoldMilliseconds: 1 * seconds,
  lingerMilliseconds: 1 * seconds,
  maximumConnections: 1000,
  maximumConnectionsPerAddress: 250,
  maximumConnectionsPerClient: 100,
  maximumHandshakes: 64,
  handshakeGraceMilliseconds: 1 * seconds,
};

import { type MessageEncoding, ttlvEncoding } from "#protocol/encodings/message-encoding.js";
import { readHeader } from "#protocol/ttlv/header.js";
import { V1_0 } from "#protocol/versions.js";
import type { HandshakeAudit } from "#src/administration/handshake-audit.js";
import type { TracedClient, TraceTap } from "#src/administration/traces/tap.js";
import type { Configuration } from "#src/config/configuration.js";
import type { ConnectionInfo, ListenerObserver, ServedConnection } from "#src/net/handler.js";
import { isUsualWithoutConnection } from "#src/net/handshake-diagnosis.js";
import { HttpRefusal } from "#src/net/http-messages.js";
import { createHttpsListener } from "#src/net/https-listener.js";
import type { ListenerLimits } from "#src/net/limits.js";
import { createKmipListener } from "#src/net/listener.js";
import type { TlsListener, TlsListenerOptions } from "#src/net/tls-listener.js";
import type { TlsSettings } from "#src/net/tls-settings.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { PipelineLog } from "#src/pipeline/services.js";
import type { EncodedAnswer, MessageOrigin, RequestPipeline } from "#src/pipeline.js";
import type { Siblings } from "#src/siblings/siblings.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import type { Door } from "./doors.js";
import type { FirstContact } from "./first-contact.js";
import type { ToClients } from "./to-clients.js";

/** What the listeners work with. */
export interface ListenerSetting {
  readonly configuration: Configuration;
  readonly door: Door;
  readonly tls: TlsSettings;
  readonly pipeline: RequestPipeline;
  readonly toClients: ToClients;
  readonly siblings: Siblings;
  readonly metrics: Metrics;
  readonly log: PipelineLog;
  /** Where what clients ask and are answered is handed over while a trace runs. */
  readonly tap: TraceTap;
  /** Receives the connections that failed before any request. */
  readonly audit: HandshakeAudit;
  readonly firstContact: FirstContact;
}

/** What bytes that are no message are told. */
const unreadableWords = {
  "too-large": "the message is longer than this server accepts",
  "not-ttlv": "the bytes received are no KMIP message in TTLV",
  truncated: "the message ended before its length",
  "too-slow": "the message took too long to arrive",
} as const;

/** KMIP over TLS, not listening yet. Throws TlsSettingsError. */
export function kmipListener(setting: ListenerSetting): TlsListener {
  const { door, pipeline, metrics, toClients, tap } = setting;
  const listener = createKmipListener({
    ...sharedOptions(setting),
    handler: {
      onMessage: (connection, message) => {
        const origin = { ...servedOrigin(connection, door), reverse: () => connection.reverse() };
        const work = (seen: MessageOrigin): Promise<Buffer> => timed(metrics, () => pipeline.answer(message, seen));
        if (tap.isIdle) return work(origin);
        return traced(setting, { connection, encoding: ttlvEncoding, request: message, origin }, work, itself);
      },
      onReversed: (connection, channel) => toClients.reversed(connection, channel),
      onUnreadable: (connection, reason, headerBytes) => {
        const refuse = (origin: MessageOrigin): Promise<Buffer> =>
          pipeline.refuse(new KmipError("InvalidMessage", unreadableWords[reason]), origin, V1_0);
        if (!looksLikeKmip(headerBytes)) return null;
        const origin = originOf(connection, door);
        if (tap.isIdle) return refuse(origin);
        return traced(setting, { connection, encoding: ttlvEncoding, request: null, origin }, refuse, itself);
      },
    },
  });
  return measured(listener, setting);
}

/** KMIP over HTTPS, not listening yet. Throws TlsSettingsError. */
export function httpsListener(setting: ListenerSetting): TlsListener {
  const { door, pipeline, metrics, tap } = setting;
  const listener = createHttpsListener({
    ...sharedOptions(setting),
    handler: {
      onMessage: async (connection, encoding, message) => {
        const origin = servedOrigin(connection, door);
        const work = (seen: MessageOrigin): Promise<EncodedAnswer> =>
          timed(metrics, () => pipeline.answerIn(encoding, message, seen));
        const asked = { connection, encoding, request: message, origin };
        const answer = await (tap.isIdle ? work(origin) : traced(setting, asked, work, ({ bytes }) => bytes));
        if (answer.isVersionTold) return answer.bytes;
        throw new HttpRefusal(400, `the body is no KMIP message in ${encoding.name} that tells its protocol version`);
      },
    },
  });
  return measured(listener, setting);
}

/** The listener, of which the metrics tell how many connections are held back. */
function measured(listener: TlsListener, { metrics, door }: ListenerSetting): TlsListener {
  metrics.beforeExposition(() => metrics.set("connectionsHeldBack", { listener: door.name }, listener.heldBack));
  return listener;
}

/** What is to be traced of a request before it is worked on. */
interface TracedRequest {
  readonly connection: ConnectionInfo;
  readonly encoding: MessageEncoding;
  /** Null where what came is no message. */
  readonly request: Buffer | null;
  readonly origin: MessageOrigin;
}

const itself = (answer: Buffer): Buffer => answer;

/**
 * Does the work of a request and hands it over to be traced, which does not keep the answer waiting. `bytesOf` gives the
 * message in what the work gives.
 */
async function traced<Answer>(
  { door, tap, log }: ListenerSetting,
  { connection, encoding, request, origin }: TracedRequest,
  work: (origin: MessageOrigin) => Promise<Answer>,
  bytesOf: (answer: Answer) => Buffer,
): Promise<Answer> {
  let client: TracedClient | undefined;
  // What is read out of a request is overwritten when it is done.
  const copied = request === null ? null : Buffer.from(request);
  const identified = (caller: TracedClient): void => {
    client = caller;
  };
  const askedAt = new Date();
  const answer = await work({ ...origin, identified });
  const copies = { request: copied, answer: Buffer.from(bytesOf(answer)) };
  const exchanged = { connection, listener: door.name, encoding, ...copies, askedAt };
  tap.record(exchanged, client).catch((error: unknown) => log.error({ error }, "a request could not be traced"));
  return answer;
}

function sharedOptions(setting: ListenerSetting): TlsListenerOptions {
  const { configuration, door, tls, siblings, firstContact } = setting;
  const { name, host, port, clientCertificate } = door;
  const limits = listenerLimits(configuration);
  const judge = firstContact.judgeAt(name);
  return { host, port, clientCertificate, judge, tls, limits, siblings, name, observer: observerOf(setting) };
}

function observerOf({ door, metrics, log, audit, tap }: ListenerSetting): ListenerObserver {
  const listener = door.name;
  return {
    onConnection: () => {
      metrics.count("connections", { listener });
      metrics.change("connectionsOpen", { listener }, 1);
    },
    onClose: (connection, reason) => {
      metrics.change("connectionsOpen", { listener }, -1);
      if (!tap.isIdle) tap.closed(connection);
      const { id, remoteAddress } = connection;
      log.debug({ listener, connection: id, remoteAddress, reason }, "connection closed");
    },
    onHandshakeFailure: (failure) => {
      const { code, explanation, detail, remoteAddress } = failure;
      metrics.count("handshakeFailures", { listener, reason: code });
      if (isUsualWithoutConnection(code)) {
        log.debug({ listener, code, remoteAddress }, explanation);
        return;
      }
      log.warn({ listener, code, detail, remoteAddress }, explanation);
      audit.record(failure);
    },
    onFault: (error, connection) =>
      log.error({ listener, error, connection: connection?.id }, "a connection failed on our side"),
  };
}

async function timed<T>(metrics: Metrics, work: () => Promise<T>): Promise<T> {
  const askedAt = performance.now();
  const answer = await work();
  metrics.observe("messageSeconds", {}, (performance.now() - askedAt) / 1000);
  return answer;
}

function listenerLimits({ kmip }: Configuration): Partial<ListenerLimits> {
  const { limits } = kmip;
  return {
    maximumMessageBytes: limits.maximumMessageBytes,
    maximumPipelinedRequests: limits.maximumPipelinedRequests,
    firstByteMilliseconds: limits.handshakeSeconds * 1000,
    handshakeMilliseconds: limits.handshakeSeconds * 1000,
    messageMilliseconds: limits.messageSeconds * 1000,
    idleMilliseconds: limits.idleSeconds * 1000,
    writeMilliseconds: limits.writeSeconds * 1000,
    maximumConnections: limits.maximumConnections,
    maximumConnectionsPerAddress: limits.maximumConnectionsPerAddress,
    maximumConnectionsPerClient: limits.maximumConnectionsPerClient,
    maximumHandshakes: limits.maximumHandshakes,
  };
}

function originOf(connection: ConnectionInfo, { entrance }: Door): MessageOrigin {
  const { remoteAddress: sourceAddress, peer } = connection;
  const certificateFingerprint = peer?.fingerprint256 ?? null;
  return { sourceAddress, certificateFingerprint, entrance, isOpen: () => connection.isOpen };
}

function servedOrigin(connection: ServedConnection, door: Door): MessageOrigin {
  return { ...originOf(connection, door), refusedForNow: () => connection.holdBack() };
}

/** Whether bytes begin like a KMIP message; anything else gets no answer it could not read. */
function looksLikeKmip(headerBytes: Buffer): boolean {
  return headerBytes.length >= 8 && readHeader(headerBytes, 0).tag >>> 16 === 0x42;
}

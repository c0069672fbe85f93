import { createHmac } from "node:crypto";
import { EncodingError } from "#protocol/encodings/error.js";
import type { MessageEncoding } from "#protocol/encodings/message-encoding.js";
import { redacted } from "#protocol/encodings/transcript/redaction.js";
import type { TranscriptStep } from "#protocol/encodings/transcript/step.js";
import { commentText, stepText } from "#protocol/encodings/transcript/text.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import type { ConnectionInfo } from "#src/net/handler.js";
import type { Siblings } from "#src/siblings/siblings.js";
import type { ClientIdentity } from "#storage/types.js";
import { type ActiveTrace, type TracePiece, traceTopics } from "./trace.js";

/** A client that asked something. */
export interface TracedClient {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientName: string;
}

/** One request and its answer, as bytes of their own, which are overwritten when they are recorded. */
export interface Exchanged {
  readonly connection: ConnectionInfo;
  readonly listener: string;
  readonly encoding: MessageEncoding;
  /** Null where the transport could make no message of what came. */
  readonly request: Buffer | null;
  readonly answer: Buffer | null;
  readonly askedAt: Date;
}

/** Bytes of text on their way to the process that writes; beyond, requests are left out and counted. */
const maximumUnwrittenBytes = 4 * 1024 * 1024;

/** Characters of a digest: enough that two secrets of a trace have different ones, too few to keep more than that. */
const digestDigits = 8;

/** What is larger is noted with its length alone: writing it out would hold up requests. */
const maximumTracedBytes = 1024 * 1024;

const messageLimits = { maximumBytes: maximumTracedBytes, maximumDepth: 32, maximumItems: 20_000 };

/** How a connection stands in a trace. */
interface NamedConnection {
  readonly name: string;
  /** The traces in which it was opened. */
  readonly traces: Set<string>;
}

/**
 * Where the listeners of one process hand over what clients asked and were answered. While no trace runs it is not
 * called at all. It never keeps an answer waiting: what is handed over is written out after the answer has left.
 */
export class TraceTap {
  private readonly siblings: Siblings;
  private readonly find: (fingerprint: string) => Promise<ClientIdentity | null>;
  private active: readonly ActiveTrace[] = [];
  private readonly connections = new Map<string, NamedConnection>();
  private lastName = 0;
  private unwrittenBytes = 0;
  private readonly missing = new Map<string, number>();

  /** `find` gives the registration of a certificate. */
  constructor(siblings: Siblings, find: (fingerprint: string) => Promise<ClientIdentity | null>) {
    this.siblings = siblings;
    this.find = find;
    siblings.on(traceTopics.running, (active) => this.run(active));
  }

  /** Whether there is nothing to hand over. */
  get isIdle(): boolean {
    return this.active.length === 0;
  }

  /** These traces run from now on, and no others. */
  run(active: readonly ActiveTrace[]): void {
    this.active = active;
    if (active.length > 0) return;
    this.connections.clear();
    this.missing.clear();
  }

  /**
   * Records what a client asked and was answered, if it is traced. `client` is who asked, where the request was served
   * in this process; else it is known by its certificate.
   */
  async record(exchanged: Exchanged, client: TracedClient | undefined): Promise<void> {
    // After the answer has been handed to the socket.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      const known = client ?? (await this.clientOf(exchanged.connection));
      if (known !== undefined) this.writeAll(exchanged, known);
    } finally {
      exchanged.request?.fill(0);
      exchanged.answer?.fill(0);
    }
  }

  /** A connection is closed. */
  closed({ id }: ConnectionInfo): void {
    const named = this.connections.get(id);
    if (named === undefined) return;
    this.connections.delete(id);
    const text = stepText({ kind: "close", connection: named.name });
    for (const trace of this.active) {
      if (named.traces.has(trace.id)) this.send({ id: trace.id, text, requests: 0, missing: 0 });
    }
  }

  private writeAll(exchanged: Exchanged, client: TracedClient): void {
    for (const trace of this.active) {
      const isOfClient = trace.clientId === null || trace.clientId === client.clientId;
      if (trace.tenantId === client.tenantId && isOfClient) this.write(trace, exchanged, client);
    }
  }

  private async clientOf({ peer }: ConnectionInfo): Promise<TracedClient | undefined> {
    const identity = peer === null ? null : await this.find(peer.fingerprint256);
    if (identity === null) return undefined;
    const { tenant, client } = identity;
    return { tenantId: tenant.id, clientId: client.id, clientName: client.name };
  }

  private write(trace: ActiveTrace, exchanged: Exchanged, client: TracedClient): void {
    if (this.unwrittenBytes > maximumUnwrittenBytes) {
      this.missing.set(trace.id, (this.missing.get(trace.id) ?? 0) + 1);
      return;
    }
    const opening = this.openingText(trace, exchanged, client);
    const named = this.connections.get(exchanged.connection.id);
    const text = opening + exchangeText(trace, exchanged, named?.name ?? "");
    const missing = this.missing.get(trace.id) ?? 0;
    this.missing.delete(trace.id);
    this.send({ id: trace.id, text, requests: 1, missing });
  }

  /** How a connection that is new in the trace was opened; empty for one that is not. */
  private openingText(trace: ActiveTrace, { connection, listener, encoding }: Exchanged, client: TracedClient): string {
    let named = this.connections.get(connection.id);
    if (named === undefined) {
      this.lastName += 1;
      const name = this.siblings.isAlone ? `${this.lastName}` : `${this.siblings.self}.${this.lastName}`;
      named = { name, traces: new Set() };
      this.connections.set(connection.id, named);
    }
    if (named.traces.has(trace.id)) return "";
    named.traces.add(trace.id);
    const { tlsVersion, cipher, remoteAddress } = connection;
    const note = `from ${remoteAddress} through the listener ${listener}, ${tlsVersion}, ${cipher}`;
    const over = overHttp[encoding.name];
    return stepText(
      {
        kind: "connect",
        connection: named.name,
        ...(trace.clientId === null && { client: client.clientName }),
        ...(listener === "https" && { over }),
      },
      note,
    );
  }

  private send(piece: TracePiece): void {
    const bytes = piece.text.length;
    this.unwrittenBytes += bytes;
    const lost = (): void => {
      this.missing.set(piece.id, (this.missing.get(piece.id) ?? 0) + piece.requests + piece.missing);
    };
    this.siblings
      .ask(0, traceTopics.piece, piece)
      .catch(lost)
      .finally(() => {
        this.unwrittenBytes -= bytes;
      });
  }
}

const overHttp = { TTLV: "https", XML: "xml", JSON: "json" } as const;

function exchangeText(
  trace: ActiveTrace,
  { encoding, request, answer, askedAt }: Exchanged,
  connection: string,
): string {
  const key = Buffer.from(trace.digestKey, "base64");
  const digest = (secret: Buffer): string =>
    createHmac("sha256", key).update(secret).digest("hex").slice(0, digestDigits);
  const sent: TranscriptStep = { kind: "send", connection, ...readIn(encoding, request, digest) };
  const received: TranscriptStep = { kind: "receive", connection, ...readIn(encoding, answer, digest) };
  const milliseconds = Date.now() - askedAt.getTime();
  const asked = stepText(sent, askedAt.toISOString());
  return answer === null
    ? asked + commentText("without an answer")
    : asked + stepText(received, `after ${milliseconds} ms`);
}

/** The message in bytes without its secrets; of what is none, how long it is and what is wrong, and never what is in it. */
function readIn(encoding: MessageEncoding, bytes: Buffer | null, digest: (secret: Buffer) => string) {
  if (bytes === null) return { unreadable: { bytes: 0, reason: "no message could be made of what came" } };
  if (bytes.length > maximumTracedBytes)
    return { unreadable: { bytes: bytes.length, reason: "too large to be traced" } };
  try {
    return { message: redacted(encoding.read(bytes, messageLimits), digest) };
  } catch (error) {
    if (!(error instanceof TtlvError || error instanceof EncodingError)) throw error;
    return { unreadable: { bytes: bytes.length, reason: error.message } };
  }
}

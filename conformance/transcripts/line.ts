import { once } from "node:events";
import { connect as connectPlainly, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type ConnectionOptions, connect, type SecureVersion, type TLSSocket } from "node:tls";
import { ttlvEncoding } from "#protocol/encodings/message-encoding.js";
import type { Arrival, ConnectOptions, Delivery } from "#protocol/encodings/transcript/step.js";
import type { Item } from "#protocol/ttlv/item.js";
import type { ServerAddress } from "#src/kmip-client/address.js";
import type { ClientFiles } from "#src/kmip-client/identity.js";
import { FrameReader } from "#src/net/frame-reader.js";
import { answerLimits, answerMilliseconds, openConnection, serverNameOf } from "../connections.js";

/** An answer, and how it came. */
export interface Arrived {
  readonly message: Item;
  /** The lengths of the TLS records it came in; unknown where HTTP lies between. */
  readonly records: readonly number[] | undefined;
  readonly bytes: number | undefined;
}

/** What the connections of a transcript can do. */
export interface Line {
  send(message: Item, delivery: Delivery): Promise<void>;
  /** The next answer. Rejects where none comes. */
  receive(): Promise<Arrived>;
  /** Ends the client's half. */
  end(): void;
  /** Resolves when the server closes the connection; rejects where it does not in time, or answers first. */
  closed(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

/** The TLS sessions of the connections before, by the name of the connection. */
export type Sessions = Map<string, Buffer>;

/** Opens a line. Rejects where the handshake fails, also where the server refuses the client only afterwards. */
export async function openLine(
  name: string,
  options: ConnectOptions,
  address: ServerAddress,
  files: ClientFiles,
  sessions: Sessions,
): Promise<Line> {
  if (options.over !== undefined) {
    return new HttpLine(await openConnection(options.over, address, files));
  }
  const socket =
    options.plain === true
      ? connectPlainly(address.port, address.host)
      : overTls(name, options, address, files, sessions);
  await once(socket, options.plain === true ? "connect" : "secureConnect");
  socket.setNoDelay(true);
  return new SocketLine(socket);
}

function overTls(
  name: string,
  options: ConnectOptions,
  { host, port }: ServerAddress,
  files: ClientFiles,
  sessions: Sessions,
): TLSSocket {
  const { tls, cipher, withoutCertificate, resumed } = options;
  const version = tls === undefined ? undefined : (`TLSv${tls}` as SecureVersion).replace("TLSv1.0", "TLSv1");
  const session = resumed === true ? sessions.get(name) : undefined;
  const isModern = cipher?.startsWith("TLS_") === true || version === "TLSv1.3";
  const chosen: ConnectionOptions = {
    ...(version !== undefined && { minVersion: version as SecureVersion, maxVersion: version as SecureVersion }),
    ...(cipher !== undefined && { ciphers: isModern ? cipher : `${cipher}:@SECLEVEL=0` }),
    ...(cipher !== undefined && version === undefined && !isModern && { maxVersion: "TLSv1.2" as const }),
    ...(withoutCertificate !== true && { cert: files.certificate, key: files.key }),
    ...(session !== undefined && { session }),
  };
  const servername = serverNameOf(host);
  const named = servername === undefined ? {} : { servername };
  const socket = connect({ host, port, ca: files.authority, ...named, ...chosen });
  socket.on("session", (made: Buffer) => sessions.set(name, made));
  return socket;
}

/** Messages in TTLV over a socket. */
class SocketLine implements Line {
  private readonly reader = new FrameReader(answerLimits.maximumBytes);
  /** The lengths of the records whose bytes were not all taken. */
  private records: number[] = [];
  private readonly held: Buffer[] = [];
  private ended: Error | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.records.push(chunk.length);
      this.reader.push(chunk);
      this.wake();
    });
    socket.on("error", (error) => this.finish(error));
    socket.on("end", () => this.finish(new Error("the server closed the connection")));
    socket.on("close", () => this.finish(new Error("the server closed the connection")));
  }

  async send(message: Item, { piecesOf, withNext }: Delivery): Promise<void> {
    this.held.push(ttlvEncoding.write(message));
    if (withNext === true) return;
    const bytes = Buffer.concat(this.held.splice(0));
    const size = piecesOf ?? bytes.length;
    for (let start = 0; start < bytes.length; start += Math.max(1, size)) {
      if (this.ended !== undefined && this.socket.destroyed) throw this.ended;
      this.socket.write(bytes.subarray(start, start + Math.max(1, size)));
      if (piecesOf !== undefined) await pause(1);
    }
  }

  async receive(): Promise<Arrived> {
    const frame = await this.nextFrame();
    return {
      message: ttlvEncoding.read(frame, answerLimits),
      records: this.takeRecords(frame.length),
      bytes: frame.length,
    };
  }

  end(): void {
    this.socket.end();
  }

  async closed(milliseconds: number): Promise<void> {
    const until = Date.now() + milliseconds;
    while (this.ended === undefined) {
      if (this.reader.next() !== undefined) throw new Error("an answer came");
      await this.change(until, "the server kept the connection open");
    }
  }

  async close(): Promise<void> {
    this.socket.destroy();
  }

  private async nextFrame(): Promise<Buffer> {
    const until = Date.now() + answerMilliseconds;
    for (;;) {
      const frame = this.reader.next();
      if (frame !== undefined) return frame;
      if (this.ended !== undefined) throw this.ended;
      await this.change(until, "no answer came in time");
    }
  }

  /** Resolves when something came; rejects at a time. */
  private async change(until: number, late: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.wake = resolve;
      timer = setTimeout(() => reject(new Error(late)), Math.max(0, until - Date.now()));
    }).finally(() => clearTimeout(timer));
  }

  /** The records that an answer's bytes came in. */
  private takeRecords(bytes: number): readonly number[] {
    const taken: number[] = [];
    let left = bytes;
    while (left > 0) {
      const record = this.records.shift() ?? left;
      taken.push(record);
      if (record > left) this.records.unshift(record - left);
      left -= record;
    }
    return taken;
  }

  private finish(error: Error): void {
    this.ended ??= error;
    this.wake();
  }
}

/** Messages over HTTPS: each request is answered before the next one is sent. */
class HttpLine implements Line {
  private readonly answers: Promise<Item>[] = [];

  constructor(private readonly connection: Awaited<ReturnType<typeof openConnection>>) {}

  async send(message: Item): Promise<void> {
    const before = this.answers.at(-1) ?? Promise.resolve();
    const answer = before.then(() => this.connection.request(message));
    // Whoever reads the answer hears of the failure.
    answer.catch(() => undefined);
    this.answers.push(answer);
  }

  async receive(): Promise<Arrived> {
    const answer = this.answers.shift();
    if (answer === undefined) throw new Error("no request waits for an answer");
    return { message: await answer, records: undefined, bytes: undefined };
  }

  end(): void {
    throw new Error("half of a connection cannot be ended over HTTPS");
  }

  closed(): Promise<void> {
    return Promise.reject(new Error("whether the server closed a connection is not seen over HTTPS"));
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

/** What is wrong with how an answer came. */
export function arrivalFault(
  { inOneRecord, maximumBytes }: Arrival,
  { records, bytes }: Arrived,
): readonly [expected: string, actual: string] | undefined {
  if (inOneRecord === true && records !== undefined && records.length !== 1) {
    return ["one TLS record", `${records.length} records`];
  }
  if (maximumBytes !== undefined && bytes !== undefined && bytes > maximumBytes) {
    return [`at most ${maximumBytes} bytes`, `${bytes} bytes`];
  }
  return undefined;
}

import { readFileSync } from "node:fs";
import { Agent, request as requestOverHttps } from "node:https";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { jsonEncoding, type MessageEncoding, ttlvEncoding, xmlEncoding } from "#protocol/encodings/message-encoding.js";
import { messageLength } from "#protocol/ttlv/header.js";
import type { Item } from "#protocol/ttlv/item.js";
import { FrameReader } from "#src/net/frame-reader.js";
import type { CaseConnection } from "./play.js";

/** How messages go to the server: TTLV over TLS, or any encoding over HTTPS. */
export const transports = ["ttlv", "https", "xml", "json"] as const;
export type Transport = (typeof transports)[number];

/** What a client shows and trusts, in PEM. */
export interface ClientFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

/** Where a server is. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** How long an answer may take. */
const answerMilliseconds = 60_000;

/** What one answer may be; those of servers are larger than requests. */
const answerLimits = { maximumBytes: 64 * 1024 * 1024, maximumDepth: 64, maximumItems: 1_000_000 };

const contentTypes: Readonly<Record<Exclude<Transport, "ttlv">, readonly [string, MessageEncoding]>> = {
  https: ["application/octet-stream", ttlvEncoding],
  xml: ["text/xml", xmlEncoding],
  json: ["application/json", jsonEncoding],
};

/** The files that `keyreeve client issue` writes. Throws where one is missing. */
export function readClientFiles(folder: string): ClientFiles {
  const read = (file: string): string => readFileSync(join(folder, file), "utf8");
  return { certificate: read("client.crt"), key: read("client.key"), authority: read("ca.crt") };
}

/** Opens a connection for one client of a case. Rejects where the handshake fails. */
export function openConnection(
  transport: Transport,
  address: ServerAddress,
  files: ClientFiles,
): Promise<CaseConnection> {
  return transport === "ttlv" ? TlsConnection.open(address, files) : HttpsConnection.open(transport, address, files);
}

interface Waiting {
  resolve(answer: Buffer): void;
  reject(error: Error): void;
}

/** Messages in TTLV, one behind the other, over one TLS connection. */
class TlsConnection implements CaseConnection {
  private readonly reader = new FrameReader(answerLimits.maximumBytes);
  private waiting: Waiting | undefined;

  private constructor(private readonly socket: TLSSocket) {
    socket.on("data", (chunk: Buffer) => this.take(chunk));
    socket.on("error", (error) => this.fail(error));
    socket.on("close", () => this.fail(new Error("the server closed the connection")));
    socket.setTimeout(answerMilliseconds, () => socket.destroy(new Error("no answer came in time")));
  }

  static open({ host, port }: ServerAddress, { certificate, key, authority }: ClientFiles): Promise<TlsConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, cert: certificate, key, ca: authority, ...nameOf(host) });
      socket.once("error", reject);
      socket.once("secureConnect", () => {
        socket.off("error", reject);
        socket.setNoDelay(true);
        resolve(new TlsConnection(socket));
      });
    });
  }

  async request(message: Item): Promise<Item> {
    const answer = new Promise<Buffer>((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
    if (this.socket.destroyed) throw new Error("the server closed the connection");
    this.socket.write(ttlvEncoding.write(message));
    return ttlvEncoding.read(await answer, answerLimits);
  }

  async close(): Promise<void> {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.reader.push(chunk);
    const answer = this.reader.next();
    if (answer === undefined) return;
    if (messageLength(answer) !== answer.length) throw new TypeError("the reader gives whole messages");
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve(answer);
  }

  private fail(error: Error): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.reject(error);
  }
}

/** Messages over one HTTPS connection that is kept. */
class HttpsConnection implements CaseConnection {
  private constructor(
    private readonly agent: Agent,
    private readonly address: ServerAddress,
    private readonly contentType: string,
    private readonly encoding: MessageEncoding,
  ) {}

  static async open(
    transport: Exclude<Transport, "ttlv">,
    address: ServerAddress,
    { certificate, key, authority }: ClientFiles,
  ): Promise<HttpsConnection> {
    const [contentType, encoding] = contentTypes[transport];
    const name = nameOf(address.host);
    const agent = new Agent({ keepAlive: true, maxSockets: 1, cert: certificate, key, ca: authority, ...name });
    return new HttpsConnection(agent, address, contentType, encoding);
  }

  async request(message: Item): Promise<Item> {
    const { status, body } = await this.post(this.encoding.write(message));
    if (status !== 200) throw new Error(`HTTP status ${status}: ${body.toString("utf8", 0, 200)}`);
    return this.encoding.read(body, answerLimits);
  }

  async close(): Promise<void> {
    this.agent.destroy();
  }

  private post(body: Buffer): Promise<{ readonly status: number; readonly body: Buffer }> {
    return new Promise((resolve, reject) => {
      const { host, port } = this.address;
      const headers = {
        "content-type": this.contentType,
        "content-length": body.length,
        "cache-control": "no-cache",
      };
      const options = { agent: this.agent, host, port, path: "/kmip", method: "POST", headers };
      const sent = requestOverHttps({ ...options, timeout: answerMilliseconds }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
        answer.on("error", reject);
      });
      sent.on("timeout", () => sent.destroy(new Error("no answer came in time")));
      sent.on("error", reject);
      sent.end(body);
    });
  }
}

/** Addresses are checked as "localhost" only where they mean this machine; any other name is checked as it is. */
function nameOf(host: string): { readonly servername?: string } {
  return ["127.0.0.1", "::1", "localhost"].includes(host) ? { servername: "localhost" } : {};
}

import { Agent, request } from "node:https";
import { jsonEncoding, type MessageEncoding, ttlvEncoding, xmlEncoding } from "#protocol/encodings/message-encoding.js";
import type { Item } from "#protocol/ttlv/item.js";
import { defaultTtlvLimits } from "#protocol/ttlv/limits.js";
import type { ClientIdentity } from "./kmip-client.js";

/** The Content-Type of each encoding. */
export const contentTypes: ReadonlyMap<MessageEncoding, string> = new Map([
  [ttlvEncoding, "application/octet-stream"],
  [xmlEncoding, "text/xml"],
  [jsonEncoding, "application/json"],
]);

/** What came back for one request. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** One request over HTTPS. */
export interface HttpAsked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** A KMIP client over one HTTPS connection that is kept. */
export class KmipHttpClient {
  private readonly agent: Agent;
  private readonly port: number;
  private readonly encoding: MessageEncoding;

  constructor(port: number, { certificate, key, authority }: ClientIdentity, encoding: MessageEncoding) {
    this.port = port;
    this.encoding = encoding;
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: 1,
      ca: authority,
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
    });
  }

  /** Sends a request as it is. Rejects where the connection breaks. */
  ask({ method = "POST", path = "/kmip", headers = {}, body }: HttpAsked): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const type = contentTypes.get(this.encoding) ?? "";
      const all = { "content-type": type, "cache-control": "no-cache", ...headers };
      const options = { agent: this.agent, host: "localhost", port: this.port, method, path, headers: all };
      const sent = request(options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
        );
        answer.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  /** Sends a message and gives the answer as a tree. Rejects where the answer is not a message. */
  async request(message: Item): Promise<Item> {
    const { status, body } = await this.ask({ body: this.encoding.write(message) });
    if (status !== 200) throw new Error(`HTTP status ${status}: ${body.toString()}`);
    return this.encoding.read(body, { ...defaultTtlvLimits, maximumBytes: 64 * 1024 * 1024 });
  }

  async close(): Promise<void> {
    this.agent.destroy();
  }
}

import { Agent, request as requestOverHttps } from "node:https";
import { jsonEncoding, type MessageEncoding, ttlvEncoding, xmlEncoding } from "#protocol/encodings/message-encoding.js";
import type { Item } from "#protocol/ttlv/item.js";
import type { ServerAddress } from "#src/kmip-client/address.js";
import type { ClientFiles } from "#src/kmip-client/identity.js";
import type { Channel } from "#src/net/exchange.js";
import { connectTo } from "#src/net/outgoing.js";
import type { CaseConnection } from "./play.js";

/** How messages go to the server: TTLV over TLS, or any encoding over HTTPS. */
export const transports = ["ttlv", "https", "xml", "json"] as const;
export type Transport = (typeof transports)[number];

/** How long an answer may take. */
export const answerMilliseconds = 60_000;

/** What one answer may be; those of servers are larger than requests. */
export const answerLimits = { maximumBytes: 64 * 1024 * 1024, maximumDepth: 64, maximumItems: 1_000_000 };

const contentTypes: Readonly<Record<Exclude<Transport, "ttlv">, readonly [string, MessageEncoding]>> = {
  https: ["application/octet-stream", ttlvEncoding],
  xml: ["text/xml", xmlEncoding],
  json: ["application/json", jsonEncoding],
};

/** Opens a connection for one client of a case. Rejects where the handshake fails. */
export function openConnection(
  transport: Transport,
  address: ServerAddress,
  files: ClientFiles,
): Promise<CaseConnection> {
  return transport === "ttlv" ? TlsConnection.open(address, files) : HttpsConnection.open(transport, address, files);
}

/** Messages in TTLV, one behind the other, over one TLS connection. */
class TlsConnection implements CaseConnection {
  private constructor(private readonly channel: Channel) {}

  static async open({ host, port }: ServerAddress, files: ClientFiles): Promise<TlsConnection> {
    const channel = await connectTo({
      host,
      port,
      certificatePem: files.certificate,
      privateKeyPem: files.key,
      authorityPem: files.authority,
      ...(isThisMachine(host) && { serverName: thisMachine }),
      connectMilliseconds: answerMilliseconds,
      answerMilliseconds,
      maximumMessageBytes: answerLimits.maximumBytes,
    });
    return new TlsConnection(channel);
  }

  async request(message: Item): Promise<Item> {
    return ttlvEncoding.read(await this.channel.request(ttlvEncoding.write(message)), answerLimits);
  }

  async close(): Promise<void> {
    this.channel.close("the case has ended");
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
    const name = isThisMachine(address.host) ? { servername: thisMachine } : {};
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
const thisMachine = "localhost";

/** What names of this machine are checked against a certificate as: `localhost`; any other name as it is. */
export function serverNameOf(host: string): string | undefined {
  return isThisMachine(host) ? thisMachine : undefined;
}

function isThisMachine(host: string): boolean {
  return ["127.0.0.1", "::1", thisMachine].includes(host);
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { MessageEncoding } from "#protocol/encodings/message-encoding.js";
import type { ServedConnection } from "./handler.js";
import { HttpConnection } from "./http-connection.js";
import { HttpRefusal } from "./http-messages.js";
import { TlsListener, type TlsListenerOptions } from "./tls-listener.js";

/** What a listener asks of those who know KMIP. */
export interface HttpsHandler {
  /**
   * Answers one request message with exactly one response message in the same encoding. Called for one message of a
   * connection at a time, in the order of arrival. Throws HttpRefusal where a status of HTTP is the better answer; any
   * other rejection cuts the connection.
   */
  onMessage(connection: ServedConnection, encoding: MessageEncoding, message: Buffer): Promise<Buffer>;
}

/** How a listener is set up. */
export interface HttpsListenerOptions extends TlsListenerOptions {
  readonly handler: HttpsHandler;
}

/** The longest request line with its header fields; KMIP needs a few hundred bytes of them. */
const maximumHeaderBytes = 8192;
const maximumHeaderFields = 64;

/** What node:http says of bytes that are no request, by its code, where it is more than "bad request". */
const refusals: Readonly<Record<string, readonly [status: number, hint: string]>> = {
  HPE_HEADER_OVERFLOW: [431, `the header may have ${maximumHeaderBytes} bytes`],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "the chunk extensions are too long"],
};

/**
 * Makes a listener of KMIP over HTTPS (KMIP Additional Message Encodings 1.0 §2): `POST /kmip`, whose Content-Type says
 * in which encoding the message is. Certificates, limits and diagnosis are those of the TLS listener.
 *
 * @throws TlsSettingsError when certificates, keys or authorities cannot be used.
 */
export function createHttpsListener({ handler, ...options }: HttpsListenerOptions): TlsListener {
  const connections = new WeakMap<Duplex, HttpConnection>();
  const http = createHttpServer(connections);
  return new TlsListener(options, {
    applicationProtocols: ["http/1.1"],
    connection: (socket, client, limits, events) => {
      const connection = new HttpConnection(socket, client, { limits, handler, http, ...events });
      connections.set(socket, connection);
      return connection;
    },
  });
}

/** Reads HTTP from the connections it is handed; it never listens itself, and all times are kept by the connections. */
function createHttpServer(connections: WeakMap<Duplex, HttpConnection>): Server {
  const http = createServer({
    maxHeaderSize: maximumHeaderBytes,
    requestTimeout: 0,
    headersTimeout: 0,
    keepAliveTimeout: 0,
    // Clients of HTTP/1.1 must send it, but nothing depends on it.
    requireHostHeader: false,
  });
  http.maxHeadersCount = maximumHeaderFields;
  // A client that has said all it has to say still gets its answer.
  Object.assign(http, { httpAllowHalfOpen: true });
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    connections.get(request.socket)?.take(request, response);
  };
  // A client that expects 100-continue is asked for its body when it is its turn.
  http.on("request", take).on("checkContinue", take);
  http.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const [status, hint] = refusals[error.code ?? ""] ?? [400, "these bytes are no request of HTTP/1.1"];
    const connection = connections.get(socket);
    if (connection === undefined) socket.destroy();
    else if (error.code === "ECONNRESET") connection.destroy("the connection broke: ECONNRESET");
    else connection.refuse(new HttpRefusal(status, hint));
  });
  return http;
}

import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import swagger from "@fastify/swagger";
import fastify from "fastify";
import { peerCertificateDer } from "#certs/peer-certificate.js";
import { softwareVersion } from "#src/administration/software-version.js";
import { AccessGate } from "./access-gate.js";
import { compileLate, validation } from "./late-compilers.js";
import { refusalOf } from "./refusal.js";
import { addRoutes } from "./routes/index.js";
import { sharedSchemas } from "./schemas.js";
import type { AdminApplication, AdminServices } from "./services.js";

/** A connection without a certificate, under the code that node:tls has for it where it ends such a handshake itself. */
class NoCertificateError extends Error {
  readonly code = "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE";
}

/** How the admin port is set up. */
export interface AdminServerOptions extends AdminServices {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Certificate and key of the server, and the authority of operators' certificates. */
  readonly tls: SecureContextOptions;
  readonly limits: {
    readonly maximumBodyBytes: number;
    readonly requestSeconds: number;
    readonly maximumConnections: number;
  };
  /** Told of connections that failed before any request; `verdict` is OpenSSL's on a certificate that was shown. */
  readonly onHandshakeFailure: (
    error: Error,
    verdict: string | null,
    remoteAddress: string,
    remotePort: number,
  ) => void;
}

/** The admin port while it listens. */
export interface AdminServer {
  readonly host: string;
  readonly port: number;
  /** Takes other certificates for handshakes from now on. */
  reload(tls: SecureContextOptions): void;
  /** Finishes requests under way and closes. */
  stop(): Promise<void>;
}

/** Idle connections are kept for so long. */
const keepAliveMilliseconds = 30_000;

/** Serves the admin API over mutual TLS. Rejects where the address cannot be had. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const app = await createAdminApplication(options, compileLate);
  const { server } = app;
  server.maxConnections = options.limits.maximumConnections;
  const failed = (error: Error, verdict: string | null, { remoteAddress = "", remotePort = 0 }: TLSSocket): void =>
    options.onHandshakeFailure(error, verdict, remoteAddress, remotePort);
  server.on("tlsClientError", (error: Error, socket: TLSSocket) => failed(error, null, socket));
  // Before the listener that reads requests. Were node:tls to refuse the certificate, nobody could tell from where.
  server.prependListener("secureConnection", (socket: TLSSocket) => {
    if (socket.authorized) return;
    const shown = peerCertificateDer(socket) !== undefined;
    if (shown) failed(new Error("the certificate was refused"), String(socket.authorizationError), socket);
    else failed(new NoCertificateError(), null, socket);
    socket.destroy();
  });
  await app.listen({ host: options.host, port: options.port });
  const { port } = server.address() as AddressInfo;
  return {
    host: options.host,
    port,
    reload: (tls) => server.setSecureContext(tls),
    stop: async () => {
      await app.close();
    },
  };
}

/** The admin API with all its routes, not listening yet. Its schemas are compiled here, unless `compile` sees to that. */
export async function createAdminApplication(
  options: AdminServerOptions,
  compile?: (app: AdminApplication) => void,
): Promise<AdminApplication> {
  const { limits, log } = options;
  const requestMilliseconds = limits.requestSeconds * 1000;
  const app: AdminApplication = fastify({
    https: {
      ...options.tls,
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: requestMilliseconds,
      headersTimeout: requestMilliseconds,
    },
    bodyLimit: limits.maximumBodyBytes,
    requestTimeout: requestMilliseconds,
    keepAliveTimeout: keepAliveMilliseconds,
    forceCloseConnections: "idle",
    return503OnClosing: true,
    exposeHeadRoutes: false,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 100 },
    ajv: validation,
  });
  compile?.(app);
  app.removeContentTypeParser("text/plain");
  for (const schema of sharedSchemas) app.addSchema(schema);
  await app.register(swagger, documentOptions());
  new AccessGate(options).guard(app);
  app.setNotFoundHandler((request, reply) => {
    const { id: requestId } = request;
    const message = "there is no such resource; GET /openapi.json lists all";
    return reply.code(404).send({ code: "not-found", message, requestId });
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, code, message, unexpected } = refusalOf(error);
    const { id: requestId } = request;
    if (unexpected) log.error({ error, requestId, method: request.method, route: request.routeOptions.url }, message);
    return reply.code(status).send({ code, message, requestId });
  });
  app.addHook("onSend", async (request, reply) => {
    reply.header("x-request-id", request.id);
    reply.header("cache-control", "no-store");
    reply.header("x-content-type-options", "nosniff");
  });
  addRoutes(app, options);
  await app.ready();
  return app;
}

function documentOptions(): Parameters<typeof swagger>[1] {
  return {
    openapi: {
      openapi: "3.0.3",
      info: {
        title: "Keyreeve administration",
        description: "What operators do. Every request needs the certificate of a registered operator.",
        version: softwareVersion(),
      },
    },
    refResolver: { buildLocalReference: (json: { $id?: unknown }) => String(json.$id) },
  };
}

import { rmSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { Agent, request as send } from "node:https";
import { join } from "node:path";
import { issueOperatorCertificate } from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { loadConfiguration } from "#src/config/load.js";
import { type RunningServer, type ServerOptions, startServer } from "#src/main.js";
import { silentLog } from "#src/telemetry/log.js";
import { createMetrics, type Metrics } from "#src/telemetry/metrics.js";
import { change } from "#storage/changes.js";
import type { OperatorRole } from "#storage/types.js";
import type { ClientIdentity } from "./kmip-client.js";
import { readIdentity, startedHome } from "./server.js";

/** What a request to the admin port was answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request to the admin port. */
export interface AdminRequest {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody who makes requests over one connection. */
export interface AdminCaller {
  ask(request: AdminRequest | string): Promise<AdminAnswer>;
  /** The answer's body, read as JSON; throws where the status is not good. */
  json(request: AdminRequest | string): Promise<unknown>;
  close(): void;
}

/** Starts a server with everything in a new home, in this process. */
export async function startWithAdmin(
  environment: Readonly<Record<string, string>> = {},
  more: Pick<ServerOptions, "operations"> = {},
): Promise<RunningServer & { readonly metrics: Metrics; end(): Promise<void> }> {
  const home = startedHome();
  const configuration = loadConfiguration({
    home,
    environment: {
      KEYREEVE_KMIP_PORT: "0",
      KEYREEVE_HTTPS_PORT: "0",
      KEYREEVE_ADMIN_PORT: "0",
      KEYREEVE_KMIP_HOST: "127.0.0.1",
      ...environment,
    },
  });
  const metrics = createMetrics({ process: false });
  const server = await startServer({ configuration, log: silentLog(), metrics, progress: () => undefined, ...more });
  const end = async (): Promise<void> => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return { ...server, metrics, end };
}

/** The operator of the first run. */
export function firstOperator({ home }: RunningServer): ClientIdentity {
  return readIdentity(join(home, "operators", "admin"));
}

/** A certificate of the operators' authority, registered in a role, or not at all. */
export async function anOperator(
  { runtime }: RunningServer,
  name: string,
  role: OperatorRole | null,
): Promise<ClientIdentity & { readonly fingerprint: string }> {
  const { operators, clients } = runtime.authorities;
  const issued = await issueOperatorCertificate({ ca: operators, commonName: name, validityDays: 1 });
  const fingerprint = describeCertificate(issued.certificatePem).fingerprint256;
  if (role !== null) {
    const row = { fingerprint, name, role, state: "active", createdAt: Date.now() } as const;
    await runtime.database.commit([change("operators", "create", row)]);
  }
  const authority = clients.certificatePem;
  return { certificate: issued.certificatePem, key: issued.privateKeyPem, authority, fingerprint };
}

/** Somebody who shows a certificate to the admin port. */
export function callerAs(identity: ClientIdentity, port: number): AdminCaller {
  const { certificate, key, authority } = identity;
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: authority, cert: certificate, key });
  const ask = (given: AdminRequest | string): Promise<AdminAnswer> =>
    new Promise((resolve, reject) => {
      const { method = "GET", path, body, headers = {} } = typeof given === "string" ? { path: given } : given;
      const type = body === undefined ? {} : { "content-type": "application/json" };
      const options = { agent, host: "localhost", port, method, path, headers: { ...type, ...headers } };
      const sent = send(options, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
        answer.on("error", reject);
      });
      sent.on("error", reject);
      sent.end(body);
    });
  const json = async (given: AdminRequest | string): Promise<unknown> => {
    const { status, text } = await ask(given);
    if (status >= 300) throw new Error(`status ${status}: ${text}`);
    return JSON.parse(text);
  };
  return { ask, json, close: () => agent.destroy() };
}

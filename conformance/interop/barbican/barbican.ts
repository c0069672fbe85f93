import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, type InteropServer, projectRoot } from "../interop-server.js";
import { until } from "../programs.js";
import type { SuiteContext } from "../suite.js";

const python = "/usr/bin/python3";

/** What the API answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** A Barbican that keeps its secrets in a KMIP server. */
export interface Barbican {
  /** Calls its API; the path starts after `/`, or is the whole address that an earlier answer named. */
  call(method: "GET" | "POST" | "DELETE", path: string, options?: CallOptions): Promise<ApiAnswer>;
  log(): string;
}

/** What a call carries. */
export interface CallOptions {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** The type of content that is wanted. */
  readonly accept?: string;
}

function configurationOf(folder: string, port: number, server: InteropServer, key: string): string {
  return `[DEFAULT]
host_href = http://127.0.0.1:${port}
sql_connection = sqlite:///${folder}/barbican.db
db_auto_create = true
[queue]
enable = false
[secretstore]
enabled_secretstore_plugins = kmip_plugin
[kmip_plugin]
host = localhost
port = ${server.port}
ca_certs = ${server.client.authority}
certfile = ${server.client.certificate}
keyfile = ${key}
`;
}

/** Starts Barbican's API with a database of its own in the suite's folder. */
export async function startBarbican(context: SuiteContext, server: InteropServer): Promise<Barbican> {
  const { programs, folder, progress } = context;
  const port = await freePort();
  // Barbican insists that nobody but its user can read the key, and nobody can write it.
  const key = join(folder, "client.key");
  cpSync(server.client.key, key);
  chmodSync(key, 0o400);
  mkdirSync(join(folder, ".barbican"));
  writeFileSync(join(folder, ".barbican/barbican.conf"), configurationOf(folder, port, server, key));

  progress("starting Barbican");
  const program = join(projectRoot, "conformance/interop/barbican/api.py");
  const api = programs.start(python, [program, String(port)], { folder, environment: { HOME: folder } });
  await until("the start of Barbican", 60, async () => {
    if (api.process.exitCode !== null) throw new Error(`Barbican ended: ${api.output()}`);
    return api.output().includes("barbican is ready") ? true : undefined;
  });
  return {
    log: () => api.output(),
    call: async (method, path, { json, accept = "application/json" } = {}) => {
      const address = path.startsWith("http") ? path : `http://127.0.0.1:${port}/${path}`;
      const identity = { "X-Project-Id": "interop", "X-User-Id": "interop", "X-Roles": "admin,creator" };
      const answer = await fetch(address.replace("/v1/", "/"), {
        method,
        headers: { ...identity, Accept: accept, ...(json === undefined ? {} : { "Content-Type": "application/json" }) },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
    },
  };
}

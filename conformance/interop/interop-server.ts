import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { type Programs, type RunningProgram, until } from "./programs.js";

/** The root of the project. */
export const projectRoot = resolve(import.meta.dirname, "../../..");
const keyreeveProgram = join(projectRoot, "build/src/cli/keyreeve.js");

/** The tenant and client that a first start makes. */
const firstTenant = "demo";
const firstClient = "demo-client";

/** What a server is started with. */
export interface ServerWishes {
  /** As in keyreeve.yaml. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Variables of its environment beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A row of the audit trail, as `keyreeve audit list --json` tells it. */
export interface AuditRow {
  readonly operation: string;
  readonly outcome: string;
  readonly reason?: string | null;
  readonly objectId?: string | null;
  readonly client?: string | null;
}

/** Files of a client, as the server writes them. */
export interface ClientFiles {
  readonly folder: string;
  /** PEM, each the path of a file; `both` is certificate and key in one. */
  readonly certificate: string;
  readonly key: string;
  readonly both: string;
  readonly authority: string;
}

/** A `keyreeve serve` of the suite's own. */
export interface InteropServer {
  readonly host: "localhost";
  readonly port: number;
  readonly httpsPort: number;
  readonly home: string;
  /** The first client of the first tenant. */
  readonly client: ClientFiles;
  /** Runs `keyreeve` on the server's data directory and gives what it writes. Rejects where its exit code is not 0. */
  keyreeve(...args: readonly string[]): Promise<string>;
  /** Registers another client of a tenant. */
  issueClient(name: string, tenant?: string): Promise<ClientFiles>;
  /** Rows of a tenant's audit trail, oldest first, 10,000 at most. */
  auditRows(tenant?: string): Promise<readonly AuditRow[]>;
  /** What the server logged so far. */
  output(): string;
  stop(): Promise<void>;
}

/** A port of this machine nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("a TCP server has a port");
  return address.port;
}

function filesIn(folder: string): ClientFiles {
  const file = (name: string): string => join(folder, name);
  return {
    folder,
    certificate: file("client.crt"),
    key: file("client.key"),
    both: file("client.pem"),
    authority: file("ca.crt"),
  };
}

async function untilReady(server: RunningProgram): Promise<void> {
  await until("the start of the server", 120, async () => {
    if (server.process.exitCode !== null) throw new Error(`the server ended: ${server.output()}`);
    return server.output().includes("keyreeve is ready") ? true : undefined;
  });
}

/** Starts a server on a data directory, which it takes over: stopping removes it. */
export async function startInteropServer(
  programs: Programs,
  home: string,
  wishes: ServerWishes = {},
): Promise<InteropServer> {
  if (wishes.configuration !== undefined) {
    writeFileSync(join(home, "keyreeve.yaml"), JSON.stringify(wishes.configuration));
  }
  const [port, adminPort, httpsPort] = [await freePort(), await freePort(), await freePort()];
  const environment = {
    ...wishes.environment,
    KEYREEVE_HOME: home,
    KEYREEVE_KMIP_PORT: String(port),
    KEYREEVE_ADMIN_PORT: String(adminPort),
    KEYREEVE_HTTPS_PORT: String(httpsPort),
  };
  const setting = { environment, folder: projectRoot };
  const server = programs.start(process.execPath, [keyreeveProgram, "serve"], setting);
  await untilReady(server);
  const keyreeve = (...args: readonly string[]): Promise<string> =>
    programs.succeed(process.execPath, [keyreeveProgram, ...args], setting);
  const folderOf = (tenant: string, name: string): ClientFiles => filesIn(join(home, "clients", tenant, name));
  return {
    host: "localhost",
    port,
    httpsPort,
    home,
    client: folderOf(firstTenant, firstClient),
    keyreeve,
    issueClient: async (name, tenant = firstTenant) => {
      await keyreeve("client", "issue", name, "--tenant", tenant);
      return folderOf(tenant, name);
    },
    auditRows: async (tenant = firstTenant) => {
      const listed = await keyreeve("audit", "list", "--tenant", tenant, "--limit", "10000", "--json");
      return (JSON.parse(listed) as readonly AuditRow[]).toReversed();
    },
    output: () => server.output(),
    stop: async () => {
      await server.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The text of a file of a client. */
export const readText = (path: string): string => readFileSync(path, "utf8");

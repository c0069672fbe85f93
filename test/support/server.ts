import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type ClientIdentity, type ConnectOptions, KmipClient } from "./kmip-client.js";

/** The root of the project, seen from build/test/support. */
export const projectRoot = resolve(fileURLToPath(import.meta.url), "../../../..");

/** The command line program. */
export const keyreeveProgram = join(projectRoot, "build/src/cli/keyreeve.js");

/** What a test can have a running server do besides KMIP; each call rejects with what the server says. */
export interface Administration {
  /** Gives the folder of the client's files. */
  issueClient(tenant: string, name: string): Promise<string>;
  /** `change` is a ClientChange as JSON, without tenant and name. */
  changeClient(tenant: string, name: string, change: string): Promise<string>;
  revokeClient(tenant: string, name: string): Promise<string>;
  /** Sets a credential; `request` is the JSON of a NewCredential. Gives the JSON of a SetCredential. */
  setCredential(request: string): Promise<string>;
  /** Gives the tenant's identifier. The configuration is JSON. */
  createTenant(name: string, configuration?: string): Promise<string>;
  suspendTenant(name: string): Promise<string>;
  resumeTenant(name: string): Promise<string>;
  /** Adds a destination as JSON describes it; gives its name. */
  addDestination(request: string): Promise<string>;
  /** The destinations of a tenant, as JSON. */
  listDestinations(tenant: string): Promise<string>;
  /** Has an object pushed, as JSON describes it; gives the destination's name. */
  put(order: string): Promise<string>;
  /** The audit trail as JSON lines. */
  exportAudit(): Promise<string>;
  /** The report of each chain, as JSON. */
  verifyAudit(): Promise<string>;
}

/** One call of the administration, as it goes to the server's process. */
export interface AdministrationCall {
  readonly id: number;
  readonly call: string;
  readonly args: readonly string[];
}

/** The server's process for tests, see server-process.ts. */
const serverProgram = join(projectRoot, "build/test/support/server-process.js");

/** A running server and the files of its data directory. */
export interface TestServer {
  readonly kmipPort: number;
  readonly httpsPort: number;
  readonly adminPort: number;
  readonly home: string;
  readonly process: ChildProcess;
  readonly administration: Administration;
  /** Everything it wrote so far to standard output and standard error. */
  readonly output: () => string;
  /** Asks it to stop and waits until it has; removes its data directory unless told to keep it. */
  stop(options?: { keepHome?: boolean }): Promise<void>;
  /** Ends it without warning, and keeps its data directory. */
  kill(): Promise<void>;
}

/** How a server is to be started. */
export interface StartOptions {
  /** A data directory to go on with; a new one in the temporary folder if left out. */
  readonly home?: string;
  /** Ports to use again; free ones if left out. */
  readonly kmipPort?: number;
  readonly adminPort?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Starts `keyreeve serve`, which the calls of the administration do not reach. */
  readonly asCommand?: boolean;
}

/** A port nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("a TCP server has a port");
  return address.port;
}

/** A fresh data directory, short enough for paths of sockets. */
export function temporaryHome(): string {
  return mkdtempSync(join(tmpdir(), "keyreeve-"));
}

/** The data directory that a first start has left, if one was prepared for this run of the tests. */
const preparedHome = process.env["KEYREEVE_TEST_HOME"];

/** A data directory in which a server was started before, so that this start is a short one; else a fresh one. */
export function startedHome(): string {
  const home = temporaryHome();
  if (preparedHome === undefined) return home;
  cpSync(preparedHome, home, { recursive: true, preserveTimestamps: true });
  const guide = join(clientFolder(home), "pykmip.conf");
  writeFileSync(guide, readFileSync(guide, "utf8").replaceAll(preparedHome, home));
  return home;
}

/** What the server says when it accepts connections. */
const readyLine = "keyreeve is ready";

/** Longest time until a server says so, and until one that is told to stop has ended, in milliseconds. */
const readyWithin = 240_000;
const stopsWithin = 120_000;

/** Waits until the server accepts connections; one that never does is killed. */
async function untilReady(child: ChildProcess, output: () => string): Promise<void> {
  const { stdout } = child;
  if (stdout === null) throw new TypeError("the server's output is not piped");
  const lines = createInterface({ input: stdout });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the server is not ready within ${readyWithin} ms: ${output()}`));
    }, readyWithin);
    lines.on("line", (line) => {
      if (!line.includes(readyLine)) return;
      clearTimeout(timer);
      resolve();
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`the server ended (${code ?? signal}): ${output()}`));
    });
  });
}

/** Sends a signal and waits for the end of the process; one that it does not end is killed, and that is an error. */
async function endBy(child: ChildProcess, signal: NodeJS.Signals, output: () => string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, stopsWithin);
  await exited;
  clearTimeout(timer);
  if (isLate) throw new Error(`the server does not end within ${stopsWithin} ms of ${signal}: ${output()}`);
}

/** Makes calls of the administration over the channel of the server's process. */
function administrationOf(child: ChildProcess): Administration {
  let lastId = 0;
  const call = (name: string, ...args: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      const id = lastId;
      const answer = (message: { id: number; value?: string; error?: string }): void => {
        if (message.id !== id) return;
        child.off("message", answer);
        child.off("exit", gone);
        if (message.value === undefined) reject(new Error(message.error ?? "no answer"));
        else resolve(message.value);
      };
      const gone = (): void => reject(new Error("the server's process is gone"));
      child.on("message", answer);
      child.once("exit", gone);
      child.send({ id, call: name, args });
    });
  return {
    issueClient: (tenant, name) => call("issueClient", tenant, name),
    changeClient: (tenant, name, change) => call("changeClient", tenant, name, change),
    revokeClient: (tenant, name) => call("revokeClient", tenant, name),
    setCredential: (request) => call("setCredential", request),
    createTenant: (name, configuration = "{}") => call("createTenant", name, configuration),
    suspendTenant: (name) => call("suspendTenant", name),
    resumeTenant: (name) => call("resumeTenant", name),
    addDestination: (request) => call("addDestination", request),
    listDestinations: (tenant) => call("listDestinations", tenant),
    put: (order) => call("put", order),
    exportAudit: () => call("exportAudit"),
    verifyAudit: () => call("verifyAudit"),
  };
}

/** Starts before it is believed that a port is taken for good. */
const mostStarts = 3;

/**
 * Starts a real server as a process of its own, with the demo tenant and client that a first run makes; once more where
 * another program took a port that was free a moment ago.
 */
export async function startTestServer(options: StartOptions = {}): Promise<TestServer> {
  const isPlain = options.home === undefined && options.environment === undefined && options.asCommand !== true;
  const home = options.home ?? (isPlain ? startedHome() : temporaryHome());
  for (let start = 1; ; start += 1) {
    try {
      return await startIn(home, options);
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes("EADDRINUSE");
      if (!isTaken || start === mostStarts) throw error;
    }
  }
}

async function startIn(home: string, options: StartOptions): Promise<TestServer> {
  const kmipPort = options.kmipPort ?? (await freePort());
  const adminPort = options.adminPort ?? (await freePort());
  const httpsPort = await freePort();
  const environment = {
    ...process.env,
    KEYREEVE_HOME: home,
    KEYREEVE_KMIP_PORT: String(kmipPort),
    KEYREEVE_ADMIN_PORT: String(adminPort),
    KEYREEVE_HTTPS_PORT: String(httpsPort),
    ...options.environment,
  };
  const setting = { cwd: projectRoot, env: environment };
  const child: ChildProcess = options.asCommand
    ? spawn(process.execPath, [keyreeveProgram, "serve"], { ...setting, stdio: ["ignore", "pipe", "pipe"] })
    : fork(serverProgram, [], { ...setting, silent: true, execArgv: [] });
  let written = "";
  const collect = (chunk: Buffer): void => {
    written += chunk.toString("utf8");
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  await untilReady(child, () => written);
  const end = (signal: NodeJS.Signals): Promise<void> => endBy(child, signal, () => written);
  return {
    kmipPort,
    httpsPort,
    adminPort,
    home,
    process: child,
    administration: administrationOf(child),
    output: () => written,
    stop: async ({ keepHome = false } = {}) => {
      await end("SIGTERM");
      if (!keepHome) rmSync(home, { recursive: true, force: true });
    },
    kill: () => end("SIGKILL"),
  };
}

/** The folder with the files of a client. */
export function clientFolder(home: string, tenant = "demo", client = "demo-client"): string {
  return join(home, "clients", tenant, client);
}

/** What a client shows and trusts, from the files the server wrote for it. */
export function readIdentity(folder: string): ClientIdentity {
  const read = (file: string): string => readFileSync(join(folder, file), "utf8");
  return { certificate: read("client.crt"), key: read("client.key"), authority: read("ca.crt") };
}

/** Connects as the demo client, or as another. */
export function connectTo(server: TestServer, options: Partial<ConnectOptions> = {}): Promise<KmipClient> {
  const identity = options.identity ?? readIdentity(clientFolder(server.home));
  return KmipClient.connect({ ...options, port: server.kmipPort, identity });
}

/** Runs the command line program on a data directory. Gives what it wrote and its exit code. */
export async function runKeyreeve(
  home: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [keyreeveProgram, ...args], {
    cwd: projectRoot,
    env: { ...process.env, KEYREEVE_HOME: home, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const [code] = await once(child, "close");
  return { code: typeof code === "number" ? code : 1, stdout, stderr };
}

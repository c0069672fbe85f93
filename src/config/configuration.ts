import { readFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { resolve } from "node:path";
import { type DatabaseAddress, databaseAddresses } from "./database-addresses.js";
import { ConfigurationError, type ConfigurationProblem } from "./errors.js";
import type { WrittenConfiguration } from "./schema.js";

type DeepReadonly<T> = T extends readonly (infer Element)[]
  ? readonly DeepReadonly<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

type Written<Section extends keyof WrittenConfiguration> = DeepReadonly<WrittenConfiguration[Section]>;
type SqliteSection = Extract<Written<"database">, { client: "better-sqlite3" | "sqlite3" }>;
type PostgresSection = Extract<Written<"database">, { client: "pg" }>;

/** Where the PIN of the root partition comes from. */
export type RootPinSource =
  | { readonly source: "file"; readonly file: string }
  | { readonly source: "environment"; readonly variable: string };

/** PostgreSQL with its addresses apart, and its password and authorities read from their files. */
export type PostgresConfiguration = Omit<PostgresSection, "passwordFile" | "certificateAuthoritiesFile"> & {
  /** Where else it may be, in the order they are tried. */
  readonly alternatives: readonly DatabaseAddress[];
  /** PEM text. */
  readonly certificateAuthorities?: string;
};

/** KMIP over HTTPS. */
export interface HttpsConfiguration {
  readonly enabled: boolean;
  readonly host: string;
  readonly port: number;
  /** Whether the operator named the port; the server does without HTTPS where the default one is taken. */
  readonly isPortChosen: boolean;
}

/** A further listener of KMIP over TLS; what is absent follows from its client profile or from `kmip`. */
export type ListenerConfiguration = Written<"kmip">["listeners"][number];

/** Where KMIP is served over HTTPS unless a port is named. */
const defaultHttpsPort = 5698;

/** What the server runs by: complete, checked, all paths absolute, frozen. */
export interface Configuration {
  /** The data directory, absolute. */
  readonly home: string;
  /** The file that was read, absolute; null where there was none. */
  readonly file: string | null;
  readonly server: {
    readonly nodeId: string;
    readonly names: readonly string[];
    /** Processes that serve KMIP; 1 where a single one does everything. */
    readonly workers: number;
  };
  readonly kmip: Omit<Written<"kmip">, "https"> & { readonly https: HttpsConfiguration };
  readonly admin: Written<"admin">;
  readonly database: SqliteSection | PostgresConfiguration;
  /** `workersMax` is that of one server process. */
  readonly hsm: Omit<Written<"hsm">, "rootPin"> & { readonly rootPin: RootPinSource };
  readonly asynchronous: Written<"asynchronous">;
  readonly destinations: Written<"destinations">;
  readonly firstContact: Written<"firstContact">;
  readonly rotation: Written<"rotation">;
  readonly tasks: Written<"tasks">;
  readonly audit: Written<"audit">;
  readonly disk: Written<"disk">;
  readonly objects: Written<"objects">;
  readonly log: Written<"log">;
}

/**
 * Completes a checked configuration: makes paths absolute (relative ones start at the home), reads the files that hold
 * the database's password and authorities, and fills in what depends on the machine.
 * @throws ConfigurationError where a file cannot be read.
 */
export function completeConfiguration(written: WrittenConfiguration, home: string, file: string | null): Configuration {
  const absolute = (path: string) => resolve(home, path);
  const { server, kmip, hsm, audit } = written;
  const filesOf = (certificates: WrittenConfiguration["kmip"]["tls"]["certificates"]) =>
    certificates.map(({ certificateFile, keyFile }) => ({
      certificateFile: absolute(certificateFile),
      keyFile: absolute(keyFile),
    }));
  const listeners = kmip.listeners.map(({ tls, ...listener }) => ({
    ...listener,
    tls: { ...tls, ...(tls.certificates && { certificates: filesOf(tls.certificates) }) },
  }));
  const workers = serverProcesses(written);
  return deepFreeze({
    home,
    file,
    server: {
      nodeId: server.nodeId ?? defaultNodeId(written.database.client),
      names: server.names.length > 0 ? server.names : defaultNames(),
      workers,
    },
    kmip: {
      ...kmip,
      https: completeHttps(kmip),
      tls: { ...kmip.tls, certificates: filesOf(kmip.tls.certificates) },
      listeners,
    },
    admin: written.admin,
    database: completeDatabase(written.database, absolute),
    hsm: {
      ...hsm,
      ...(hsm.profile === undefined ? {} : { profile: absolute(hsm.profile) }),
      workersMax: workers === 1 ? hsm.workersMax : Math.floor(hsm.workersMax / (workers + 1)),
      module: absolute(hsm.module),
      directory: absolute(hsm.directory),
      rootPin: pinSource(hsm, absolute),
    },
    asynchronous: written.asynchronous,
    destinations: written.destinations,
    firstContact: written.firstContact,
    rotation: written.rotation,
    tasks: written.tasks,
    audit: { ...audit, checkpointFile: absolute(audit.checkpointFile) },
    disk: written.disk,
    objects: written.objects,
    log: written.log,
  });
}

function completeHttps({ host, https }: WrittenConfiguration["kmip"]): HttpsConfiguration {
  return {
    enabled: https.enabled,
    host: https.host ?? host,
    port: https.port ?? defaultHttpsPort,
    isPortChosen: https.port !== undefined,
  };
}

/** Least HSM workers that one server process does with. */
const leastHsmWorkers = 2;

/** How many processes serve. Each of them, and the first one, has its part of the HSM workers. */
function serverProcesses({ server, hsm }: WrittenConfiguration): number {
  const most = Math.floor(hsm.workersMax / leastHsmWorkers) - 1;
  if (server.workers === "auto") return Math.max(1, Math.min(availableParallelism(), most));
  if (server.workers === 1 || server.workers <= most) return server.workers;
  const message = `${server.workers} server processes need hsm.workersMax of ${(server.workers + 1) * leastHsmWorkers} or more`;
  throw new ConfigurationError([{ path: "server.workers", message }]);
}

function defaultNodeId(client: WrittenConfiguration["database"]["client"]): string {
  return client === "pg" ? hostname() : "node-1";
}

function defaultNames(): string[] {
  return [...new Set(["localhost", "127.0.0.1", "::1", hostname()])];
}

function pinSource({ rootPin }: WrittenConfiguration["hsm"], absolute: (path: string) => string): RootPinSource {
  return rootPin.environment === undefined
    ? { source: "file", file: absolute(rootPin.file ?? "") }
    : { source: "environment", variable: rootPin.environment };
}

function completeDatabase(
  database: WrittenConfiguration["database"],
  absolute: (path: string) => string,
): Configuration["database"] {
  if (database.client !== "pg") return { ...database, filename: absolute(database.filename) };
  const { passwordFile, certificateAuthoritiesFile, ...rest } = database;
  const problems: ConfigurationProblem[] = [];
  const read = (key: string, path: string | undefined): string | undefined => {
    if (path === undefined) return undefined;
    try {
      return readFileSync(absolute(path), "utf8");
    } catch (error) {
      problems.push({
        path: `database.${key}`,
        message: `cannot be read: ${error instanceof Error ? error.message : error}`,
      });
      return undefined;
    }
  };
  const password = read("passwordFile", passwordFile)?.split(/\r?\n/, 1)[0];
  const certificateAuthorities = read("certificateAuthoritiesFile", certificateAuthoritiesFile);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const [first = rest, ...alternatives] = databaseAddresses(rest.host, rest.port) ?? [];
  return {
    ...rest,
    host: first.host,
    port: first.port,
    alternatives,
    ...(password === undefined ? {} : { password }),
    ...(certificateAuthorities === undefined ? {} : { certificateAuthorities }),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

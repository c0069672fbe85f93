import * as z from "zod";
import { databaseAddresses } from "./database-addresses.js";
import {
  adminLimits,
  asynchronousLimits,
  databaseLimits,
  destinationLimits,
  diskLimits,
  firstContactLimits,
  hsmLimits,
  kmipLimits,
  objectLimits,
  pkcs11Limits,
  rotationLimits,
  taskLimits,
} from "./limits.js";
import { certificate, host, listeners, path, port } from "./listener-schema.js";

/**
 * The configuration as an operator writes it: every section and key with its default and its meaning. The reference in
 * docs/configuration.md is generated from here.
 */

const server = z.strictObject({
  workers: z
    .union([z.int().min(1).max(64), z.literal("auto")])
    .default(1)
    .describe(
      "Server processes that serve KMIP, behind a first one that keeps the admin port and the work in the background; " +
        "1: a single process does everything. `auto`: one for each processor core.",
    ),
  nodeId: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/)
    .exactOptional()
    .describe(
      "Names this process in the audit trail; two processes on one database never share it. " +
        "Without it: `node-1` with SQLite, the machine's host name with PostgreSQL.",
    ),
  names: z
    .array(host)
    .default([])
    .describe(
      "DNS names and addresses under which clients reach the server; they go into its certificates. " +
        "Without any: `localhost`, the loopback addresses and the machine's host name.",
    ),
});

const kmip = z.strictObject({
  host: host
    .default("0.0.0.0")
    .describe("Address to listen on: `0.0.0.0` for all of IPv4, `::` for IPv6 and IPv4, or one address."),
  port: port.default(5696).describe("Port to listen on (5696 is registered for KMIP); 0 takes any free one."),
  clientCertificate: z
    .enum(["required", "optional"])
    .default("required")
    .describe("`optional` lets clients in without a certificate; they then need a KMIP Credential in each request."),
  tls: z
    .strictObject({
      profile: z
        .enum(["compatible", "modern"])
        .default("compatible")
        .describe(
          "`modern`: TLS 1.3, and TLS 1.2 with forward secrecy and AEAD. `compatible` adds the CBC and RSA suites of " +
            "TLS 1.2 that the KMIP 1.x profiles make mandatory and older appliances need.",
        ),
      certificates: z
        .array(certificate)
        .default([])
        .describe("Server certificates, at most one for each kind of key. Without any: those made on first run."),
    })
    .prefault({}),
  https: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe("Whether KMIP is served over HTTPS too: `POST /kmip` with TTLV, XML or JSON in the body."),
      host: host.exactOptional().describe("Address to listen on. Without it: `kmip.host`."),
      port: port
        .exactOptional()
        .describe(
          "Port of KMIP over HTTPS; 0 takes any free one. Without it: 5698, and where another program has that, the " +
            "server says so in its log and serves without HTTPS.",
        ),
    })
    .prefault({})
    .describe("KMIP over HTTPS, with the certificates, clients and limits of this section."),
  listeners,
  interoperabilityTests: z
    .boolean()
    .default(false)
    .describe(
      "Performs the operation Interop, by which test programs announce their tests. The specification forbids it on " +
        "production servers.",
    ),
  disabledOperations: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Operations this server does not perform and does not list, by the names of docs/operations.md: `[Export, Log]`.",
    ),
  experimentalVersions: z
    .array(z.enum(["3.0"]))
    .default([])
    .describe(
      "Protocol versions to speak besides 1.0 to 2.1. `3.0` is spoken as far as its published test cases show it; what " +
        "they do not show may change without notice.",
    ),
  pkcs11: pkcs11Limits.prefault({}),
  limits: kmipLimits.prefault({}),
});

const admin = z.strictObject({
  host: host.default("127.0.0.1").describe("Address of the admin port. Keep it off networks that clients reach."),
  port: port.default(5697).describe("Port of the admin API, metrics and health; 0 takes any free one."),
  limits: adminLimits.prefault({}),
});

const sqlite = z.strictObject({
  client: z
    .enum(["better-sqlite3", "sqlite3"])
    .default("better-sqlite3")
    .describe("`better-sqlite3` or `sqlite3`: one file on this machine; `pg`: PostgreSQL, for several servers."),
  filename: path.default("keyreeve.db").describe("SQLite: the file of the database."),
  limits: databaseLimits.prefault({}),
});

const postgres = z
  .strictObject({
    client: z.literal("pg"),
    host: host
      .refine((text) => databaseAddresses(text, 1) !== null, {
        message: "names a host, or several with commas between them, each with its port where it has one of its own",
      })
      .default("/var/run/postgresql")
      .describe(
        "PostgreSQL: host name, address, or the folder of a unix socket. Several with commas between them, each with " +
          "`:port` where it has one of its own: each connection goes to the first that takes writes; " +
          "[decision 0020](decisions/0020-postgresql-failover.md) says what makes that safe.",
      ),
    port: z.int().min(1).max(65_535).default(5432).describe("PostgreSQL: port, where `host` names none."),
    user: z.string().min(1).default("keyreeve").describe("PostgreSQL: role to log in as."),
    database: z.string().min(1).default("keyreeve").describe("PostgreSQL: name of the database."),
    password: z.string().exactOptional().describe("PostgreSQL: password. Better: `passwordFile`."),
    passwordFile: path.exactOptional().describe("PostgreSQL: file whose first line is the password."),
    certificateAuthoritiesFile: path
      .exactOptional()
      .describe("PostgreSQL: PEM of the authorities that vouch for the database server. Without it: no TLS."),
    readers: z.int().min(1).max(64).default(2).describe("PostgreSQL: connections for reading."),
    timeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(3000)
      .describe("PostgreSQL: milliseconds to wait for a connection, an answer, and 0.7 of them for a lock."),
    limits: databaseLimits.prefault({}),
  })
  .refine((database) => database.password === undefined || database.passwordFile === undefined, {
    message: "give either password or passwordFile, not both",
  });

const rootPin = z
  .strictObject({
    file: path.exactOptional().describe("File that holds the PIN of the server's root partition (made on first run)."),
    environment: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .exactOptional()
      .describe("Environment variable that holds the PIN, instead of a file."),
  })
  .refine((pin) => (pin.file === undefined) !== (pin.environment === undefined), {
    message: "give either file or environment, not both and not neither",
  });

const hsm = z.strictObject({
  module: path
    .default("/usr/lib/softhsm/libsofthsm2.so")
    .describe("PKCS#11 module of the HSM. The default is SoftHSM2 as Debian installs it."),
  environment: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .default([])
    .describe(
      "Names of environment variables that PKCS#11 modules need, such as `ChrystokiConfigurationPath`, " +
        "`CS_PKCS11_R3_CFG` or, for a SoftHSM token of your own, `SOFTHSM2_CONF`. Workers get no others.",
    ),
  moduleParameters: z
    .string()
    .max(4096)
    .exactOptional()
    .describe("Text that `module` is initialised with (`pReserved` of C_Initialize). Only NSS asks for one."),
  profile: path
    .exactOptional()
    .describe(
      "Capability profile of a module, as `keyreeve hsm probe` writes it; it counts for the module it is of. Profiles of " +
        "SoftHSM2 and NSS are built in; any other module is used by the standard.",
    ),
  rootToken: z
    .strictObject({
      label: z.string().min(1).max(32).describe("Label of the token."),
      serial: z.string().max(16).default("").describe("Its serial number, where several have that label."),
    })
    .exactOptional()
    .describe(
      "Token of `module` that exists and becomes the server's own partition on first run. Without it, one is made in " +
        "SoftHSM, and the first tenant with another.",
    ),
  directory: path.default("hsm").describe("Folder of the software tokens and of the workers' own files."),
  rootPin: rootPin.prefault({ file: "root.pin" }),
  ...hsmLimits,
});

const audit = z.strictObject({
  checkpointSeconds: z.int().min(1).max(3600).default(60).describe("A checkpoint is signed at least this often."),
  checkpointRows: z.int().min(1).max(1_000_000).default(1000).describe("A checkpoint is signed after this many rows."),
  checkpointFile: path
    .default("audit-checkpoints.jsonl")
    .describe(
      "File, or named pipe, that receives each signed checkpoint. Ship it elsewhere: it proves that no row was cut off.",
    ),
  refuseAfterSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(300)
    .describe(
      "While `checkpointFile` takes nothing for so long, every request is refused until it does again. 0: never.",
    ),
});

const disk = z.strictObject({ ...diskLimits });

const log = z.strictObject({
  level: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info")
    .describe("Least severe level that is written."),
  format: z.enum(["auto", "json", "text"]).default("auto").describe("`auto`: text on a terminal, else JSON lines."),
  destination: z.enum(["stderr", "stdout"]).default("stderr").describe("Where log lines go."),
});

const objects = z.strictObject({
  defaultCustody: z
    .enum(["wrapped", "token"])
    .default("wrapped")
    .describe(
      "Custody of new keys where the tenant says nothing: `wrapped` keeps them, wrapped by the tenant's key in the " +
        "HSM, in the database; `token` keeps them inside the HSM for ever.",
    ),
  ...objectLimits,
});

const asynchronous = z.strictObject({ ...asynchronousLimits });

const rotation = z.strictObject({ ...rotationLimits });

const tasks = z.strictObject({ ...taskLimits });

const destinations = z.strictObject({ ...destinationLimits });

const firstContact = z.strictObject({ ...firstContactLimits });

/** All sections of the configuration file. Unknown keys are errors. */
export const configurationSchema = z.strictObject({
  server: server.prefault({}).describe("This server among others."),
  kmip: kmip.prefault({}).describe("The KMIP listeners."),
  admin: admin.prefault({}).describe("The admin listener: API, metrics, health."),
  database: z.discriminatedUnion("client", [sqlite, postgres]).prefault({}).describe("Where metadata and audit live."),
  hsm: hsm.prefault({}).describe("The HSM and its worker processes."),
  asynchronous: asynchronous.prefault({}).describe("Requests that clients have worked on asynchronously."),
  destinations: destinations.prefault({}).describe("Messages that the server sends to clients of itself."),
  firstContact: firstContact.prefault({}).describe("Clients whose certificates nobody has registered yet."),
  rotation: rotation
    .prefault({})
    .describe("Keys and certificates that the server replaces by itself (Rotate Automatic)."),
  tasks: tasks
    .prefault({})
    .describe("Long tasks in the background: rotation of key-encryption keys, migration, scans."),
  audit: audit.prefault({}).describe("The audit trail."),
  disk: disk
    .prefault({})
    .describe("Space on the disks of the database file, the software tokens and the checkpoint file."),
  objects: objects.prefault({}).describe("Managed objects."),
  log: log.prefault({}).describe("The server's own log."),
});

/** The configuration as written, defaults filled in. */
export type WrittenConfiguration = z.output<typeof configurationSchema>;

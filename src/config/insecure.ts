import type { Configuration } from "./configuration.js";

const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

interface Warning {
  readonly applies: (configuration: Configuration) => boolean;
  readonly text: string;
}

const warnings: readonly Warning[] = [
  {
    applies: ({ kmip }) => kmip.clientCertificate === "optional",
    text: "kmip.clientCertificate is optional: clients without a certificate reach the server's message parser",
  },
  {
    applies: ({ kmip }) => kmip.interoperabilityTests,
    text: "kmip.interoperabilityTests is on: the operation Interop must not be there on a production server",
  },
  {
    applies: ({ admin }) => !loopback.has(admin.host),
    text: "admin.host is not a loopback address: the admin port is open to a network",
  },
  {
    applies: ({ database }) =>
      database.client === "pg" &&
      database.certificateAuthorities === undefined &&
      [database, ...database.alternatives].some(({ host }) => !loopback.has(host) && !host.startsWith("/")),
    text: "database: the connection to PostgreSQL leaves this machine without TLS; set certificateAuthoritiesFile",
  },
  {
    applies: ({ database }) =>
      database.client === "pg" && database.password !== undefined && database.user === "postgres",
    text: "database.user is postgres: give the server a role of its own that is no superuser",
  },
];

/** What the server says at its start about settings that lower its security; empty where there is nothing to say. */
export function insecureSettings(configuration: Configuration): string[] {
  return warnings.filter(({ applies }) => applies(configuration)).map(({ text }) => text);
}

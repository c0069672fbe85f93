import type { AttestationDemand } from "#src/access/client-settings.js";
import { permissions } from "#src/access/permissions.js";
import type {
  AuditListing,
  ChainFinding,
  ClientRequest,
  HsmInformation,
  ListenerStatus,
  MechanismSummary,
  PartStatus,
  ProcessStatus,
  ServerStatus,
  TenantRequest,
  VersionInformation,
} from "#src/administration/administration.js";
import type { ClientChange } from "#src/administration/client-changes.js";
import type { CertificateSummary, ClientSummary } from "#src/administration/client-summary.js";
import type { IssuedClient } from "#src/administration/clients.js";
import type { AuthoritySummary } from "#src/administration/tenant-authority.js";
import type { AuditEntry } from "#src/audit/entry.js";
import type { ChainFault } from "#storage/audit-chain.js";
import { credentialSchemas } from "./credential-schemas.js";
import { destinationSchemas } from "./destination-schemas.js";
import { certificateWishes, firstContactSchemas, optionalWishes } from "./first-contact-schemas.js";
import type { HealthAnswer } from "./health-answer.js";
import { quotaSchemas } from "./quota-schemas.js";
import type { ErrorAnswer } from "./refusal.js";
import {
  choice,
  count,
  flag,
  hash,
  list,
  listOf,
  name,
  named,
  object,
  orNull,
  type Properties,
  type Schema,
  text,
  time,
} from "./schema-parts.js";
import { taskSchemas } from "./task-schemas.js";
import { profile, profileOrNull, tenantSchemas } from "./tenant-schemas.js";
import { traceSchemas } from "./trace-schemas.js";

export { listOf, name, named, namesInPath, type Schema, text } from "./schema-parts.js";

const path = text(undefined, { minLength: 1, maxLength: 4096 });
const filter = text(undefined, { minLength: 1, maxLength: 512 });

const permissionList: Schema = {
  ...list(choice(...permissions)),
  description: "What a client may do",
};

const clientProperties: Properties<ClientSummary> = {
  id: text(),
  name,
  tenant: name,
  state: choice("active", "revoked"),
  createdAt: time,
  permissions: permissionList,
  attestationDemanded: flag,
  profile: orNull(text("Client profile of its own")),
  quota: named("Quota"),
  certificates: listOf("Certificate"),
};

const auditProperties: Properties<AuditEntry> = {
  time,
  tenant: text("Name of the tenant; `server` for what belongs to none"),
  tenantId: text(),
  nodeId: text(),
  sequence: count("1, 2, 3 … within tenant and node"),
  eventId: text(),
  clientId: orNull(text()),
  clientName: orNull(text("Client, or operator for administrative changes")),
  certificateFingerprint: orNull(text("SHA-256 of the certificate")),
  sourceAddress: orNull(text()),
  protocolVersion: orNull(text("Version of KMIP")),
  operation: text(),
  objectId: orNull(text()),
  partition: orNull(text()),
  outcome: text(),
  resultReason: orNull(text()),
  durationMicroseconds: orNull({ type: "integer" }),
  correlationId: orNull(text()),
  detail: orNull(text("JSON")),
  previousHash: hash,
  hash,
};

/** Filters of the audit trail, as query parameters. */
export const auditListing = object<AuditListing>(
  "AuditListing",
  {
    tenant: { ...name, description: "Name of a tenant, or `server`" },
    operation: filter,
    object: { ...filter, description: "Unique Identifier of a managed object" },
    client: { ...filter, description: "Name or identifier of a client" },
    outcome: filter,
    events: { type: "boolean", description: "Only events of which an operator must hear" },
    since: { ...filter, description: "ISO 8601, or how long ago: `30m`, `12h`, `7d`" },
    until: { ...filter, description: "As `since`" },
    limit: { type: "integer", minimum: 1, maximum: 10_000, default: 100 },
  },
  ["tenant", "operation", "object", "client", "outcome", "events", "since", "until", "limit"],
);

/** All schemas that routes name. */
export const sharedSchemas: readonly Schema[] = [
  object<ErrorAnswer>("Error", {
    code: text("For programs"),
    message: text("For people: what is wrong and what to do"),
    requestId: text("Stands in the server's log beside the request"),
  }),
  object<HealthAnswer>("Health", { healthy: flag, parts: listOf("Part") }, ["parts"]),
  object<PartStatus>("Part", { name: text(), healthy: flag, reason: orNull(text()) }),
  object<VersionInformation>("Version", { version: text(), node: text(), kmip: list(text()) }),
  object<ProcessStatus>("Process", {
    number: count("From 1 on; NODE/NUMBER in the audit trail"),
    processId: orNull(count()),
    connections: count(),
    restarts: count(),
    reason: orNull(text("Why it does not serve, or not well")),
  }),
  object<ListenerStatus>("Listener", {
    name: text(),
    port: count(),
    tls: text("TLS profile"),
    clientCertificate: text(),
    profile: orNull(text("Client profile of clients that have none of their own")),
    tenant: orNull(text("The tenant whose clients alone are served there")),
  }),
  ...traceSchemas,
  object<ServerStatus>("Status", {
    traces: listOf("Trace"),
    running: flag,
    ready: flag,
    version: text(),
    nodeId: text(),
    home: text(),
    database: text(),
    startedAt: orNull(time),
    kmipPort: orNull(count()),
    httpsPort: orNull(count()),
    listeners: listOf("Listener"),
    connections: count(),
    processes: listOf("Process"),
    tenants: count(),
    parts: listOf("Part"),
  }),
  object<MechanismSummary>("Mechanism", {
    name: text("As PKCS#11 names it"),
    minimumKeySize: count(),
    maximumKeySize: count(),
    flags: list(text()),
  }),
  object<HsmInformation>("Hsm", {
    partition: text("Name of the tenant, or `(server)`"),
    module: text("Path of the PKCS#11 module"),
    moduleDescription: text(),
    manufacturer: text(),
    libraryVersion: text(),
    cryptokiVersion: text(),
    tokenLabel: text(),
    tokenSerial: text(),
    tokenModel: text(),
    profile: text("The capability profile by which the module is used; `standard` where there is none for it"),
    mechanisms: listOf("Mechanism"),
  }),
  ...tenantSchemas,
  object<AuthoritySummary>("Authority", {
    generation: count("The highest issues, the others are trusted until they end"),
    subject: text(),
    serial: text("Hexadecimal"),
    notBefore: time,
    notAfter: time,
    fingerprint: hash,
    objectId: text("Unique Identifier of the Certificate object that clients see"),
    pem: text("The certificate"),
  }),
  object<NonNullable<TenantRequest["token"]>>(
    "TokenBinding",
    {
      module: path,
      label: text(undefined, { minLength: 1, maxLength: 32 }),
      serial: text("Needed only where several tokens have that label", { minLength: 1, maxLength: 16 }),
      moduleParameters: text("Text that the module is initialised with (NSS)", { minLength: 1, maxLength: 4096 }),
      pin: text("User PIN; sealed, and never shown again", { minLength: 1, maxLength: 255, writeOnly: true }),
    },
    ["module", "serial", "moduleParameters"],
  ),
  object<CertificateSummary>("Certificate", {
    fingerprint: hash,
    subject: text(),
    state: choice("active", "revoked"),
    notAfter: time,
  }),
  object<ClientSummary>("Client", clientProperties),
  object<IssuedClient>("IssuedClient", {
    ...clientProperties,
    folder: text("Where the client's files stand on the server"),
  }),
  ...destinationSchemas,
  ...quotaSchemas,
  ...firstContactSchemas(permissionList, profile),
  ...taskSchemas,
  object<Omit<ClientRequest, "tenant">>(
    "NewClient",
    {
      name,
      days: { type: "integer", minimum: 1, maximum: 3650, default: 825 },
      permissions: permissionList,
      profile,
      ...certificateWishes,
    },
    ["days", "permissions", "profile", ...optionalWishes],
  ),
  object<AttestationDemand>("AttestationDemand", {
    publicKey: text("Public half of the attestation key of the client's TPM, PEM", { maxLength: 8192 }),
    registerDigests: list(text("Accepted digest of the platform configuration registers, hexadecimal")),
  }),
  object<Omit<ClientChange, "tenant" | "name">>(
    "ClientChange",
    {
      permissions: permissionList,
      attestation: { anyOf: [named("AttestationDemand"), { type: "null" }], description: "null demands nothing more" },
      profile: profileOrNull,
      quota: named("QuotaChange"),
    },
    ["permissions", "attestation", "profile", "quota"],
  ),
  ...credentialSchemas,
  object<AuditEntry>("AuditEntry", auditProperties),
  object<ChainFault>("ChainFault", {
    kind: choice("changed", "removed", "unlinked", "rewritten", "cut", "forged checkpoint"),
    sequence: count("Of the first bad row"),
  }),
  object<ChainFinding>("ChainFinding", {
    tenant: text("Name of the tenant; `server` for the server itself"),
    tenantId: text(),
    nodeId: text(),
    rows: count("Rows that are whole, from the first on"),
    checkpoints: count("Signed checkpoints the rows agree with"),
    fault: { anyOf: [named("ChainFault"), { type: "null" }], description: "null where the chain is whole" },
  }),
];

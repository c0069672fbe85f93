import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { slot, statement } from "../statements.js";
import { clientCertificatesTable, clientCredentialsTable, clientsTable } from "../tables.js";
import type {
  CertificateState,
  ClientCertificateRow,
  ClientCredentialRow,
  ClientIdentity,
  ClientRow,
  RegisteredClient,
} from "../types.js";
import type { WriteSession } from "../write-session.js";
import { tenantSettingReads } from "./tenant-settings.js";
import { tenantReads } from "./tenants.js";
import { updateRow } from "./update.js";

const columns = clientsTable.selection.slice();
const certificateColumns = clientCertificatesTable.selection.slice();

const byId = statement((knex) =>
  knex("clients")
    .select(columns)
    .where({ tenant_id: slot(0), id: slot(1) }),
);
const byName = statement((knex) =>
  knex("clients")
    .select(columns)
    .where({ tenant_id: slot(0), name: slot(1) }),
);
const ofTenant = statement((knex) =>
  knex("clients")
    .select(columns)
    .where({ tenant_id: slot(0) })
    .orderBy("name"),
);
const certificateByFingerprint = statement((knex) =>
  knex("client_certificates")
    .select(certificateColumns)
    .where({ fingerprint: slot(0) }),
);
const certificatesOfClient = statement((knex) =>
  knex("client_certificates")
    .select(certificateColumns)
    .where({ tenant_id: slot(0), client_id: slot(1) })
    .orderBy("not_before"),
);
const credentialByUsername = statement((knex) =>
  knex("client_credentials")
    .select(clientCredentialsTable.selection.slice())
    .where({ tenant_id: slot(0), username: slot(1) }),
);
const credentialsOfClient = statement((knex) =>
  knex("client_credentials")
    .select(clientCredentialsTable.selection.slice())
    .where({ tenant_id: slot(0), client_id: slot(1) })
    .orderBy("username"),
);
const useCredential = statement((knex) =>
  knex("client_credentials")
    .where({ tenant_id: slot(0), username: slot(1) })
    .where((each) => each.whereNull("last_used").orWhere("last_used", "<", slot(2)))
    .update({ last_used: slot(2) }),
);
const deleteCredential = statement((knex) =>
  knex("client_credentials")
    .where({ tenant_id: slot(0), username: slot(1) })
    .delete(),
);

const getById = (connection: Connection, tenantId: string, id: string): Promise<ClientRow | null> =>
  connection.row(clientsTable, byId, [tenantId, id]);

async function registered(
  connection: Connection,
  tenantId: string,
  clientId: string,
): Promise<RegisteredClient | null> {
  const client = await getById(connection, tenantId, clientId);
  const tenant = await tenantReads.byId(connection, tenantId);
  if (client === null || tenant === null) return null;
  const credentials = await connection.rows(clientCredentialsTable, credentialsOfClient, [tenantId, clientId]);
  return { client, tenant, credentials, settings: await tenantSettingReads.list(connection, tenantId) };
}

export const clientReads = {
  byId: getById,

  /** A client with its tenant, whatever their states. */
  registered,

  byName: (connection: Connection, tenantId: string, name: string): Promise<ClientRow | null> =>
    connection.row(clientsTable, byName, [tenantId, name]),

  /** All clients of a tenant by name. */
  list: (connection: Connection, tenantId: string): Promise<ClientRow[]> =>
    connection.rows(clientsTable, ofTenant, [tenantId]),

  /** The client, its tenant and the certificate itself, whatever their states; null for an unknown certificate. */
  async byFingerprint(connection: Connection, fingerprint: string): Promise<ClientIdentity | null> {
    const certificate = await connection.row(clientCertificatesTable, certificateByFingerprint, [fingerprint]);
    if (certificate === null) return null;
    const found = await registered(connection, certificate.tenantId, certificate.clientId);
    return found === null ? null : { ...found, certificate };
  },

  /** The certificates of a client, oldest first. */
  certificates: (connection: Connection, tenantId: string, clientId: string): Promise<ClientCertificateRow[]> =>
    connection.rows(clientCertificatesTable, certificatesOfClient, [tenantId, clientId]),

  credential: (connection: Connection, tenantId: string, username: string): Promise<ClientCredentialRow | null> =>
    connection.row(clientCredentialsTable, credentialByUsername, [tenantId, username]),

  /** The credentials of a client by username. */
  credentials: (connection: Connection, tenantId: string, clientId: string): Promise<ClientCredentialRow[]> =>
    connection.rows(clientCredentialsTable, credentialsOfClient, [tenantId, clientId]),
};

export const clientWrites = {
  /** Throws `duplicate` (clients.id, clients.name). */
  create: (session: WriteSession, client: ClientRow): void => session.insert(clientsTable, [client]),

  /** Changes the given fields. Throws `conflict` where there is no such client. */
  update: (
    session: WriteSession,
    tenantId: string,
    id: string,
    changes: Partial<Omit<ClientRow, "id" | "tenantId" | "createdAt">>,
  ): Promise<void> => updateRow(session, clientsTable, { tenantId, id }, changes),

  /** Throws `duplicate` (client_certificates.fingerprint). */
  addCertificate: (session: WriteSession, certificate: ClientCertificateRow): void =>
    session.insert(clientCertificatesTable, [certificate]),

  /** Throws `conflict` where there is no such certificate. */
  setCertificateState: (
    session: WriteSession,
    tenantId: string,
    fingerprint: string,
    state: CertificateState,
  ): Promise<void> => updateRow(session, clientCertificatesTable, { tenantId, fingerprint }, { state }),

  /** Throws `duplicate` (client_credentials.username). */
  addCredential: (session: WriteSession, credential: ClientCredentialRow): void =>
    session.insert(clientCredentialsTable, [credential]),

  async removeCredential(session: WriteSession, tenantId: string, username: string): Promise<void> {
    await session.run(deleteCredential, [tenantId, username]);
  },

  /** Accepts a time stamp or counter, once. Throws `conflict` where it or a later one was accepted before. */
  async useCredential(session: WriteSession, tenantId: string, username: string, value: number): Promise<void> {
    if ((await session.run(useCredential, [tenantId, username, value])) === 1) return;
    throw new StorageError("conflict", "the credential was used with this value or a later one");
  },
};

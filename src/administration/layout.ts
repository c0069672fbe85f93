import { join } from "node:path";

/** Where everything of a data directory stands, from its absolute path. */
export interface HomeLayout {
  readonly configurationFile: string;
  readonly lockFile: string;
  readonly processFile: string;
  /** Says where the admin port of the running server is. */
  readonly adminAddress: string;
  /** The internal authority of server and client certificates. */
  readonly authorityCertificate: string;
  /** Its private key, sealed by the root partition. */
  readonly sealedAuthorityKey: string;
  readonly operatorAuthorityCertificate: string;
  readonly sealedOperatorAuthorityKey: string;
  /** The server's own certificates and keys, PEM, for one kind of key each. */
  serverCertificate(kind: "ec" | "rsa"): string;
  serverKey(kind: "ec" | "rsa"): string;
  /** Says which token is the root partition. */
  readonly rootPartition: string;
  clientFolder(tenant: string, client: string): string;
  operatorFolder(operator: string): string;
  /** Of what clients sent and received. */
  readonly tracesFolder: string;
}

/** The layout of a data directory. */
export function homeLayout(home: string): HomeLayout {
  return {
    configurationFile: join(home, "keyreeve.yaml"),
    lockFile: join(home, "keyreeve.lock"),
    processFile: join(home, "keyreeve.pid"),
    adminAddress: join(home, "admin-address.json"),
    authorityCertificate: join(home, "ca", "ca.crt"),
    sealedAuthorityKey: join(home, "ca", "ca.key.sealed"),
    operatorAuthorityCertificate: join(home, "ca", "operators-ca.crt"),
    sealedOperatorAuthorityKey: join(home, "ca", "operators-ca.key.sealed"),
    serverCertificate: (kind) => join(home, "tls", `server-${kind}.crt`),
    serverKey: (kind) => join(home, "tls", `server-${kind}.key`),
    rootPartition: join(home, "root-partition.json"),
    clientFolder: (tenant, client) => join(home, "clients", tenant, client),
    tracesFolder: join(home, "traces"),
    operatorFolder: (operator) => join(home, "operators", operator),
  };
}

import { subjectParts } from "#certs/certificate-names.js";
import { readCertificateRequest } from "#certs/certificate-request.js";
import { type ClientExtras, issueClientCertificate, issueClientCertificateFor } from "#certs/certificates.js";
import { derElements } from "#certs/der-elements.js";
import { CertificateError } from "#certs/errors.js";
import { checkCertifiable } from "#certs/issue.js";
import { publicKeyFromDer } from "#certs/key-reading.js";
import type { CertificateRequest } from "#certs/proof-of-possession.js";
import { requestedExtensions } from "#certs/requested-extensions.js";
import { checkedName } from "#certs/subject-names.js";
import { defaultClientDays } from "#src/access/client-certificates.js";
import type { ProfileName } from "#src/access/client-profiles.js";
import type { Permission } from "#src/access/permissions.js";
import type { TenantRow } from "#storage/types.js";
import type { Actor } from "../audit-record.js";
import {
  type CertificateWishes,
  checkPasswords,
  clientFiles,
  replaceClientFiles,
  writeClientFiles,
} from "../client-files.js";
import type { ClientsOptions, IssuedClient } from "../clients.js";
import { AdministrationError, checkName } from "../errors.js";
import { homeLayout } from "../layout.js";
import { activeClient, nameTaken, registerCertificate } from "./register-certificate.js";

/** A certificate request of a client that made its key itself. */
export interface SigningRequest {
  readonly tenant: string;
  /** The CN of the request where absent. */
  readonly name?: string;
  /** PKCS#10: PEM, or DER in base64. */
  readonly request: string;
  readonly days?: number;
  readonly permissions?: readonly Permission[];
  /** Its own client profile; that of its listener or tenant where absent. */
  readonly profile?: ProfileName;
  /** Whether the certificate bears the subject of the request; else its CN is the client's name, its O the tenant's. */
  readonly keepSubject?: boolean;
}

/** A new certificate for a client that there is. */
export interface RenewalRequest extends CertificateWishes {
  readonly tenant: string;
  readonly name: string;
  readonly days?: number;
  /** The client's own certificate request; a new key is made where absent. */
  readonly request?: string;
  /** Whether all earlier certificates are refused at once. */
  readonly revokeOld?: boolean;
}

/** Certificates of this server's own authority for keys that clients bring, and for clients that need a new one. */
export class OwnCertificates {
  private readonly options: ClientsOptions;
  private readonly port: () => number;

  /** `port` tells where clients reach the server. */
  constructor(options: ClientsOptions, port: () => number) {
    this.options = options;
    this.port = port;
  }

  /** Registers a client with a certificate over its own key. Throws AdministrationError. */
  async sign(actor: Actor, request: SigningRequest): Promise<IssuedClient> {
    const { database, tenants } = this.options;
    const tenant = await tenants.find(request.tenant);
    const asked = readRequest(request.request);
    const name = request.name ?? commonNameOf(asked);
    checkName("client", name);
    if ((await database.read.clients.byName(tenant.id, name)) !== null) throw nameTaken(name, tenant.name);
    const certificate = this.signed(asked, { ...request, tenant, name });
    const folder = homeLayout(this.options.home).clientFolder(tenant.name, name);
    await writeClientFiles(folder, await this.filesOf(folder, certificate, null, {}));
    const { permissions, profile } = request;
    const client = await registerCertificate(this.options, actor, {
      tenant,
      name,
      certificate,
      vouchedBy: null,
      existing: false,
      ...(permissions === undefined ? {} : { permissions }),
      ...(profile === undefined ? {} : { profile }),
      operation: "Sign Client",
    });
    return { ...client, folder };
  }

  /** Gives a client a further certificate and puts its files in the place of the earlier ones. Throws AdministrationError. */
  async renew(actor: Actor, request: RenewalRequest): Promise<IssuedClient> {
    const { database, tenants, home } = this.options;
    checkPasswords(request);
    const tenant = await tenants.find(request.tenant);
    const { name, revokeOld } = request;
    const known = await activeClient(database, tenant, name);
    const earlier = await database.read.clients.certificates(tenant.id, known.id);
    const { certificatePem, privateKeyPem } = await this.renewed(tenant, request);
    const folder = homeLayout(home).clientFolder(tenant.name, name);
    const files = await this.filesOf(folder, certificatePem, privateKeyPem, request);
    const client = await replaceClientFiles(folder, files, () =>
      registerCertificate(this.options, actor, {
        tenant,
        name,
        certificate: certificatePem,
        vouchedBy: null,
        existing: true,
        revoke: revokeOld
          ? earlier.filter(({ state }) => state === "active").map(({ fingerprint }) => fingerprint)
          : [],
        operation: "Renew Client",
        detail: { earlier: revokeOld ? "revoked" : "valid" },
      }),
    );
    return { ...client, folder };
  }

  private async renewed(tenant: TenantRow, request: RenewalRequest) {
    const { name, days, request: asked } = request;
    if (asked === undefined) {
      const issued = issueClientCertificate({ ...this.common(tenant, name, days), ...extrasOf(request) });
      return refusedInWords(() => issued);
    }
    const certificatePem = this.signed(readRequest(asked), { tenant, name, ...(days === undefined ? {} : { days }) });
    return { certificatePem, privateKeyPem: null };
  }

  private signed(
    asked: CertificateRequest,
    { tenant, name, days, keepSubject }: { tenant: TenantRow; name: string; days?: number; keepSubject?: boolean },
  ): string {
    return refusedInWords(() => {
      const publicKey = publicKeyFromDer(asked.publicKey);
      checkCertifiable(publicKey);
      const { alternativeNames, isAuthority } = requestedExtensions(asked.extensions);
      if (isAuthority) throw new AdministrationError("invalid", "the request asks for the certificate of an authority");
      const generalNames = alternativeNames.filter((each) => takenNames.has(derElements(each)[0]?.tag ?? 0));
      const subject = keepSubject ? { subject: checkedName(asked.subject) } : {};
      const common = this.common(tenant, name, days);
      return issueClientCertificateFor({ ...common, ...subject, generalNames }, publicKey);
    });
  }

  private common(tenant: TenantRow, commonName: string, days = defaultClientDays) {
    return { ca: this.options.authority, commonName, organization: tenant.name, validityDays: days };
  }

  private filesOf(folder: string, certificatePem: string, privateKeyPem: string | null, wishes: CertificateWishes) {
    const address = { ...this.options.address, port: this.port() };
    const authorityPem = this.options.authority.certificatePem;
    return clientFiles({ certificatePem, privateKeyPem, authorityPem, folder, address }, wishes);
  }
}

/** Alternative names that are taken over from requests: e-mail addresses, DNS names, URIs and IP addresses. */
const takenNames: ReadonlySet<number> = new Set([0x81, 0x82, 0x86, 0x87]);

/** The wishes as certificates are issued by them. */
export function extrasOf({
  key,
  dns = [],
  ip = [],
  email,
}: CertificateWishes): ClientExtras & Pick<CertificateWishes, "key"> {
  return {
    hosts: [...dns, ...ip],
    ...(email === undefined ? {} : { emails: email }),
    ...(key === undefined ? {} : { key }),
  };
}

/** What a request or a name is refused for, as the operator is told. */
export function refusedInWords<T>(make: () => T): T {
  const refused = (error: unknown): never => {
    if (error instanceof CertificateError) throw new AdministrationError("invalid", error.message);
    throw error;
  };
  try {
    const made = make();
    return made instanceof Promise ? (made.catch(refused) as T) : made;
  } catch (error) {
    return refused(error);
  }
}

function readRequest(text: string): CertificateRequest {
  const isPem = text.includes("-----BEGIN");
  const value = isPem ? Buffer.from(text, "latin1") : Buffer.from(text, "base64");
  try {
    return readCertificateRequest(isPem ? "pem" : "pkcs-10", value);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new AdministrationError("invalid", `the certificate request cannot be signed: ${error.message}`);
  }
}

function commonNameOf({ subject }: CertificateRequest): string {
  const names = subjectParts(subject).filter(({ kind }) => kind === "CN");
  if (names.length === 1 && names[0] !== undefined) return names[0].value;
  throw new AdministrationError("invalid", "the request has no CN, or several, to name the client by: say a name");
}

import { randomUUID, X509Certificate } from "node:crypto";
import { certificateFields } from "#certs/certificate-fields.js";
import { unfitness } from "#certs/client-fitness.js";
import { type CertificateDescription, describeCertificate } from "#certs/describe.js";
import { certificatesOf, pemBlocks } from "#certs/pem.js";
import type { AuthorityRules, WrittenRules } from "#src/access/authority-rules.js";
import type { Identities } from "#src/access/identities.js";
import type { NameSource } from "#src/access/name-sources.js";
import { isAnchorAmong, TrustedAuthority } from "#src/access/trusted-authority.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { TrustedAuthorityRow } from "#storage/first-contact-types.js";
import type { TenantRow } from "#storage/types.js";
import { type Actor, administrationRecord } from "../audit-record.js";
import { AdministrationError, checkName } from "../errors.js";
import type { Tenants } from "../tenants.js";
import { checkedLists, checkedRules, invalidRequest } from "./authority-checks.js";

/** An authority that a tenant is to trust. */
export interface TrustRequest {
  readonly tenant: string;
  readonly name: string;
  /** PEM: the authority, and those below it that clients do not send. */
  readonly certificates: string;
  readonly rules: WrittenRules;
  /** Where the names of its clients come from; `cn` where absent. */
  readonly nameFrom?: NameSource;
  /** Whether its clients are registered without an operator. */
  readonly autoRegister?: boolean;
  /** PEM. */
  readonly revocationLists?: string;
}

/** One trusted authority of a tenant. */
export interface TrustName {
  readonly tenant: string;
  readonly name: string;
}

/** A trusted authority as operators see it. Times are ISO 8601. */
export interface TrustSummary {
  readonly tenant: string;
  readonly name: string;
  readonly certificates: readonly {
    readonly subject: string;
    readonly fingerprint: string;
    readonly notAfter: string;
    /** Whether it is trusted by itself, or only helps to find the way. */
    readonly isAnchor: boolean;
  }[];
  readonly rules: AuthorityRules;
  readonly nameFrom: NameSource;
  readonly autoRegister: boolean;
  readonly revocationLists: readonly {
    readonly issuer: string;
    readonly thisUpdate: string;
    readonly nextUpdate: string | null;
    readonly revoked: number;
  }[];
  readonly createdAt: string;
  readonly changedAt: string;
}

/** Bounds of what one tenant makes every unknown certificate be compared with. */
const mostAuthorities = 32;
const mostCertificates = 10;

/** The customers' own authorities. Every change is audited in the same commit, and in effect when it resolves. */
export class TrustAdministration {
  private readonly options: {
    readonly database: Database;
    readonly tenants: Tenants;
    readonly identities: Identities;
    /** Fingerprint of the authority of this server, which nobody need trust. */
    readonly ownAuthority: string;
  };

  constructor(options: TrustAdministration["options"]) {
    this.options = options;
  }

  /** Trusts an authority from now on. Throws AdministrationError. */
  async add(actor: Actor, request: TrustRequest): Promise<TrustSummary> {
    checkName("authority", request.name);
    const { database, tenants } = this.options;
    const tenant = await tenants.find(request.tenant);
    const certificates = this.checkedCertificates(request.certificates);
    const lists = checkedLists(request.revocationLists, certificates, undefined);
    const present = await database.read.trustedAuthorities.list(tenant.id);
    if (present.length >= mostAuthorities) {
      throw new AdministrationError("wrong-state", `a tenant trusts at most ${mostAuthorities} authorities`);
    }
    if (present.some(({ name }) => name === request.name)) throw nameTaken(request);
    const now = Date.now();
    const row: TrustedAuthorityRow = {
      id: randomUUID(),
      tenantId: tenant.id,
      name: request.name,
      certificates: certificatesOf(request.certificates).join(""),
      rules: JSON.stringify(checkedRules(request.rules)),
      nameFrom: request.nameFrom ?? "cn",
      revocationLists: lists,
      autoRegister: request.autoRegister ?? false,
      createdAt: now,
      changedAt: now,
      revision: 1,
    };
    await this.commit(actor, tenant, row, "Add Trusted Authority", change("trustedAuthorities", "create", row));
    return summaryOf(row, tenant.name);
  }

  /** The authorities that a tenant trusts, by name. Throws AdministrationError. */
  async list(tenantName: string): Promise<readonly TrustSummary[]> {
    const tenant = await this.options.tenants.find(tenantName);
    const rows = await this.options.database.read.trustedAuthorities.list(tenant.id);
    return rows.map((row) => summaryOf(row, tenant.name));
  }

  /** One of them. Throws AdministrationError. */
  async show(request: TrustName): Promise<TrustSummary> {
    const { tenant, row } = await this.find(request);
    return summaryOf(row, tenant.name);
  }

  /** Trusts it no more: its clients are refused from now on, on open connections too. Throws AdministrationError. */
  async remove(actor: Actor, request: TrustName): Promise<TrustSummary> {
    const { tenant, row } = await this.find(request);
    const removal = change("trustedAuthorities", "remove", tenant.id, row.id);
    await this.commit(actor, tenant, row, "Remove Trusted Authority", removal);
    return summaryOf(row, tenant.name);
  }

  /**
   * Takes newer revocation lists (PEM); those of other issuers stay. Null has revocations not be looked at any more.
   * Throws AdministrationError.
   */
  async revocationLists(actor: Actor, request: TrustName & { readonly lists: string | null }): Promise<TrustSummary> {
    const { tenant, row } = await this.find(request);
    const certificates = certificatesOf(row.certificates).map((pem) => new X509Certificate(pem));
    const lists =
      request.lists === null ? null : checkedLists(request.lists, certificates, row.revocationLists ?? undefined);
    const changes = { revocationLists: lists ?? "", changedAt: Date.now() };
    const update = change("trustedAuthorities", "update", row, changes);
    await this.commit(actor, tenant, row, "Set Revocation Lists", update);
    return summaryOf({ ...row, ...changes }, tenant.name);
  }

  private async commit(
    actor: Actor,
    tenant: TenantRow,
    row: TrustedAuthorityRow,
    operation: string,
    made: ReturnType<typeof change>,
  ): Promise<void> {
    const { name, autoRegister } = row;
    const detail = { authority: name, fingerprint: fingerprints(row), autoRegister: String(autoRegister) };
    const record = administrationRecord(actor, operation, { tenantId: tenant.id, partition: tenant.name, detail });
    try {
      await this.options.database.commit([made, change("audit", "append", record)]);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (error.constraint === "trusted_authorities.name") throw nameTaken({ tenant: tenant.name, name });
      if (error.code !== "conflict") throw error;
      throw new AdministrationError("wrong-state", "somebody else changed the authority at the same time: try again");
    }
    await this.options.identities.changed();
  }

  private async find(request: TrustName): Promise<{ readonly tenant: TenantRow; readonly row: TrustedAuthorityRow }> {
    const tenant = await this.options.tenants.find(request.tenant);
    const row = await this.options.database.read.trustedAuthorities.byName(tenant.id, request.name);
    if (row !== null) return { tenant, row };
    const message = `tenant "${tenant.name}" has no trusted authority "${request.name}"`;
    throw new AdministrationError("not-found", message);
  }

  private checkedCertificates(pem: string): readonly X509Certificate[] {
    const blocks = pemBlocks(pem, "CERTIFICATE");
    if (blocks.length === 0) throw invalidRequest("the file holds no certificate in PEM");
    if (blocks.length > mostCertificates)
      throw invalidRequest(`the file holds more than ${mostCertificates} certificates`);
    if (/PRIVATE KEY-----/.test(pem)) throw invalidRequest("the file holds a private key: give the certificates alone");
    return blocks.map((block) => this.checkedCertificate(block));
  }

  private checkedCertificate(pem: string): X509Certificate {
    const { certificate, subject, fingerprint256, isAuthority } = readable(pem);
    if (!isAuthority) throw invalidRequest(`"${subject}" is no certification authority`);
    if (fingerprint256 === this.options.ownAuthority) {
      throw invalidRequest("that is the authority of this server: its clients are registered when they are issued");
    }
    const isAnchor = certificate.checkIssued(certificate);
    const why = unfitness(certificate, new Date(), { isAnchor });
    if (why !== undefined) throw invalidRequest(`the authority "${subject}" cannot be used (${why})`);
    return certificate;
  }
}

function readable(pem: string): { readonly certificate: X509Certificate } & CertificateDescription {
  try {
    const certificate = new X509Certificate(pem);
    return { certificate, ...describeCertificate(certificate) };
  } catch (error) {
    throw invalidRequest(
      `a certificate of the file cannot be read (${error instanceof Error ? error.message : error})`,
    );
  }
}

function fingerprints({ certificates }: TrustedAuthorityRow): string {
  return certificatesOf(certificates)
    .map((pem) => describeCertificate(pem).fingerprint256)
    .join(" ");
}

function nameTaken({ tenant, name }: TrustName): AdministrationError {
  return new AdministrationError("exists", `tenant "${tenant}" trusts an authority "${name}" already`);
}

function summaryOf(row: TrustedAuthorityRow, tenant: string): TrustSummary {
  const { certificates, lists, rules } = new TrustedAuthority(row).content;
  return {
    tenant,
    name: row.name,
    certificates: certificates.map((certificate) => {
      const { subject, fingerprint256, notAfter } = describeCertificate(certificate);
      const isAnchor = isAnchorAmong(certificates, certificate);
      return { subject, fingerprint: fingerprint256, notAfter: notAfter.toISOString(), isAnchor };
    }),
    rules,
    nameFrom: row.nameFrom as NameSource,
    autoRegister: row.autoRegister,
    revocationLists: lists.map(({ issuer, thisUpdate, nextUpdate, revoked }) => ({
      issuer: issuerName(certificates, issuer),
      thisUpdate: thisUpdate.toISOString(),
      nextUpdate: nextUpdate?.toISOString() ?? null,
      revoked: revoked.size,
    })),
    createdAt: new Date(row.createdAt).toISOString(),
    changedAt: new Date(row.changedAt).toISOString(),
  };
}

function issuerName(certificates: readonly X509Certificate[], issuer: Buffer): string {
  const found = certificates.find((each) => certificateFields(each).subject.equals(issuer));
  return found === undefined ? "(unknown)" : describeCertificate(found).subject;
}

import { X509Certificate } from "node:crypto";
import { unfitness } from "#certs/client-fitness.js";
import type { ProfileName } from "#src/access/client-profiles.js";
import type { Identities } from "#src/access/identities.js";
import type { Permission } from "#src/access/permissions.js";
import { byOperator } from "#src/access/trusted-authorities.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { WaitingCertificateRow } from "#storage/first-contact-types.js";
import { type Actor, administrationRecord } from "../audit-record.js";
import type { ClientSummary } from "../client-summary.js";
import { AdministrationError } from "../errors.js";
import type { Tenants } from "../tenants.js";
import { registerCertificate } from "./register-certificate.js";

/** A certificate that waits to be accepted, as operators see it. */
export interface WaitingSummary {
  readonly fingerprint: string;
  readonly state: "waiting" | "rejected";
  readonly subject: string;
  readonly issuer: string;
  readonly keyType: string;
  /** ISO 8601, like all times here. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly address: string;
  readonly listener: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** How often it was shown. */
  readonly count: number;
  /** `TENANT/NAME` of the trusted authority that issued it and whose rules admit it; null where there is none. */
  readonly authority: string | null;
  readonly suggestedName: string | null;
  readonly note: string | null;
  readonly pem: string;
}

/** A certificate to be accepted. */
export interface Acceptance {
  /** SHA-256 of the certificate, or the first eight digits and more; colons and case do not matter. */
  readonly fingerprint: string;
  readonly tenant: string;
  /** The name that its authority's rule or its CN says, where absent. */
  readonly name?: string;
  readonly permissions?: readonly Permission[];
  /** Its own client profile; that of its listener or tenant where absent. */
  readonly profile?: ProfileName;
  /** Whether the client exists and gets this certificate besides its own. */
  readonly existing?: boolean;
}

/** Lists, accepts and rejects certificates that nobody knows. */
export class WaitingClients {
  private readonly options: {
    readonly database: Database;
    readonly tenants: Tenants;
    readonly identities: Identities;
    readonly lifetimeMilliseconds: number;
  };

  constructor(options: WaitingClients["options"]) {
    this.options = options;
  }

  /** What waits, the first seen first; what was rejected too, where asked for. */
  async list(rejected = false): Promise<readonly WaitingSummary[]> {
    const rows = await this.options.database.read.waitingCertificates.list(this.since);
    return Promise.all(rows.filter(({ state }) => rejected || state === "waiting").map((row) => this.summary(row)));
  }

  /** Registers a certificate by its fingerprint, as the client of a tenant. Throws AdministrationError. */
  async accept(actor: Actor, request: Acceptance): Promise<ClientSummary> {
    const { database, tenants } = this.options;
    const tenant = await tenants.find(request.tenant);
    const row = await this.find(request.fingerprint);
    checkUsable(row);
    const name = request.name ?? row.suggestedName ?? commonName(row.subject);
    if (name === undefined) {
      throw new AdministrationError("invalid", "the certificate holds no name that a client could have: say --name");
    }
    const authority = row.authorityId === null ? null : await database.read.trustedAuthorities.byId(row.authorityId);
    return registerCertificate(this.options, actor, {
      tenant,
      name,
      certificate: row.pem,
      vouchedBy: authority?.tenantId === tenant.id ? authority.id : byOperator,
      existing: request.existing ?? false,
      ...(request.permissions === undefined ? {} : { permissions: request.permissions }),
      ...(request.profile === undefined ? {} : { profile: request.profile }),
      operation: "Accept Client",
      detail: { vouchedBy: authority?.tenantId === tenant.id ? authority.name : byOperator },
      further: [change("waitingCertificates", "remove", row.fingerprint)],
    });
  }

  /** Has a certificate not be listed any more while it goes on being shown. Throws AdministrationError. */
  async reject(actor: Actor, fingerprint: string): Promise<WaitingSummary> {
    const row = await this.find(fingerprint);
    if (row.state === "rejected") throw new AdministrationError("wrong-state", "the certificate is rejected already");
    const record = administrationRecord(actor, "Reject Client", { detail: { fingerprint: row.fingerprint } });
    try {
      await this.options.database.commit([
        change("waitingCertificates", "reject", row.fingerprint),
        change("audit", "append", record),
      ]);
    } catch (error) {
      if (error instanceof StorageError && error.code === "conflict") throw notWaiting();
      throw error;
    }
    return this.summary({ ...row, state: "rejected" });
  }

  private get since(): number {
    return Date.now() - this.options.lifetimeMilliseconds;
  }

  private async find(fingerprint: string): Promise<WaitingCertificateRow> {
    const digits = fingerprint.replaceAll(/[:\s]/g, "").toLowerCase();
    if (!/^[0-9a-f]{8,64}$/.test(digits)) {
      throw new AdministrationError("invalid", "a fingerprint is 64 hexadecimal digits, of which the first 8 will do");
    }
    const [row, other] = await this.options.database.read.waitingCertificates.startingWith(digits, this.since);
    if (row === undefined) throw notWaiting();
    if (other === undefined) return row;
    throw new AdministrationError(
      "invalid",
      "several waiting certificates begin so: give more digits of the fingerprint",
    );
  }

  private async summary(row: WaitingCertificateRow): Promise<WaitingSummary> {
    const { authorityId, notBefore, notAfter, firstSeen, lastSeen, sourceAddress, ...rest } = row;
    return {
      ...rest,
      address: sourceAddress,
      notBefore: new Date(notBefore).toISOString(),
      notAfter: new Date(notAfter).toISOString(),
      firstSeen: new Date(firstSeen).toISOString(),
      lastSeen: new Date(lastSeen).toISOString(),
      authority: authorityId === null ? null : await this.authorityName(authorityId),
    };
  }

  private async authorityName(id: string): Promise<string | null> {
    const { read } = this.options.database;
    const authority = await read.trustedAuthorities.byId(id);
    const tenant = authority === null ? null : await read.tenants.byId(authority.tenantId);
    return authority === null || tenant === null ? null : `${tenant.name}/${authority.name}`;
  }
}

function notWaiting(): AdministrationError {
  return new AdministrationError(
    "not-found",
    "no waiting certificate has that fingerprint; keyreeve client pending lists them, and the client must have connected",
  );
}

function checkUsable(row: WaitingCertificateRow): void {
  // Which listeners take a weak one is settled at each handshake.
  const why = unfitness(new X509Certificate(row.pem), new Date(), { isAnchor: true, mayBeWeak: true });
  if (why === undefined) return;
  throw new AdministrationError("invalid", `the certificate cannot be used (${why}): the client needs another one`);
}

/** The CN of a subject in RFC 4514, where it is plain. */
function commonName(subject: string): string | undefined {
  return /^CN=([A-Za-z0-9][A-Za-z0-9._-]{0,62})(?:,|$)/.exec(subject)?.[1];
}

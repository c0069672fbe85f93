import { X509Certificate } from "node:crypto";
import type { Database } from "#storage/database.js";
import type { ClientCertificateRow } from "#storage/types.js";
import { TrustedAuthority } from "./trusted-authority.js";

/** What a certificate is vouched for by that an operator accepted by its fingerprint. */
export const byOperator = "operator";

/** The longest the authorities are trusted without asking again, so that other servers' changes reach this one. */
const trustedMilliseconds = 1000;

/** The authorities that tenants trust. Each is read again only when it has changed. */
export class TrustedAuthorities {
  private readonly database: Database;
  private readonly now: () => number;
  private known: ReadonlyMap<string, TrustedAuthority> = new Map();
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;
  private changes = 0;

  /** `now` gives a steady time in milliseconds. */
  constructor(database: Database, now: () => number) {
    this.database = database;
    this.now = now;
  }

  /** All authorities of all tenants. */
  async all(): Promise<readonly TrustedAuthority[]> {
    await this.refresh();
    return [...this.known.values()];
  }

  /** One of them, or undefined where it was removed. */
  async byId(id: string): Promise<TrustedAuthority | undefined> {
    await this.refresh();
    return this.known.get(id);
  }

  /** Asks the database before the next answer. */
  forget(): void {
    this.readAt = Number.NEGATIVE_INFINITY;
    this.changes += 1;
  }

  /** Why a registered certificate is not served any more by what vouches for it; undefined where it is. */
  async standing(certificate: ClientCertificateRow): Promise<string | undefined> {
    const { vouchedBy, tenantId, pem } = certificate;
    if (vouchedBy === null || vouchedBy === byOperator) return undefined;
    const authority = await this.byId(vouchedBy);
    if (authority === undefined || authority.row.tenantId !== tenantId) {
      return "the authority that vouched for the certificate is not trusted any more";
    }
    return authority.standing(new X509Certificate(pem), new Date());
  }

  private async refresh(): Promise<void> {
    if (this.now() - this.readAt < trustedMilliseconds) return;
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
    });
    await this.reading;
    // Something changed while it was read.
    if (this.readAt === Number.NEGATIVE_INFINITY) await this.refresh();
  }

  private async read(): Promise<void> {
    const readAt = this.now();
    const { changes } = this;
    const { trustedAuthorities } = this.database.read;
    const found = new Map<string, TrustedAuthority>();
    for (const { id, revision } of await trustedAuthorities.revisions()) {
      const before = this.known.get(id);
      const row = before?.row.revision === revision ? undefined : await trustedAuthorities.byId(id);
      if (row === undefined && before !== undefined) found.set(id, before);
      else if (row !== undefined && row !== null) found.set(id, new TrustedAuthority(row));
    }
    if (changes !== this.changes) return;
    this.known = found;
    this.readAt = readAt;
  }
}

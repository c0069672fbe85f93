import { NoSiblings } from "#src/siblings/alone.js";
import { type Siblings, topic } from "#src/siblings/siblings.js";
import type { Database } from "#storage/database.js";
import type { ClientIdentity } from "#storage/types.js";
import { TrustedAuthorities } from "./trusted-authorities.js";

/** The longest a registration is trusted without asking again, so that other processes' changes reach this one. */
const trustedMilliseconds = 1000;

const registrationsChanged = topic<{ readonly atOnce: boolean }>("registrations have changed");

/** How long an answer may take to leave. */
const answerMilliseconds = 1000;

/** A client as its certificate tells, and why what vouches for the certificate does not do so now, if it does not. */
export interface KnownIdentity extends ClientIdentity {
  readonly notVouched?: string;
}

/**
 * Which client of which tenant a certificate belongs to. Registrations are remembered for a second at most, and nothing
 * of certificates that have none; changes made through any process of this server take effect at once, because whoever
 * makes one calls `changed`.
 */
export class Identities {
  /** The authorities that tenants trust. */
  readonly authorities: TrustedAuthorities;
  private readonly database: Database;
  private readonly now: () => number;
  private readonly siblings: Siblings;
  private readonly listeners: (() => Promise<void> | void)[] = [];
  private known = new Map<string, { readonly identity: KnownIdentity; readonly readAt: number }>();
  /** What is being read: who asks meanwhile waits for that. */
  private reading = new Map<string, Promise<KnownIdentity | null>>();

  /** `now` gives a steady time in milliseconds. */
  constructor(database: Database, now: () => number, siblings: Siblings = new NoSiblings()) {
    this.database = database;
    this.now = now;
    this.siblings = siblings;
    this.authorities = new TrustedAuthorities(database, now);
    siblings.on(registrationsChanged, ({ atOnce }) => (atOnce ? this.lookAgain() : this.lookAgainLater()));
  }

  /** The registration of a certificate by its SHA-256 fingerprint (64 lower-case hex digits), or null. */
  async find(fingerprint: string): Promise<KnownIdentity | null> {
    const known = this.known.get(fingerprint);
    if (known !== undefined && this.now() - known.readAt < trustedMilliseconds) return known.identity;
    const underWay = this.reading.get(fingerprint);
    if (underWay !== undefined) return underWay;
    const { reading } = this;
    const identity = this.look(fingerprint).finally(() => reading.delete(fingerprint));
    reading.set(fingerprint, identity);
    return identity;
  }

  private async look(fingerprint: string): Promise<KnownIdentity | null> {
    const before = this.known;
    const readAt = this.now();
    const identity = await this.read(fingerprint);
    // Certificates of nobody are without number, and whoever likes can show another.
    if (identity !== null && before === this.known) this.known.set(fingerprint, { identity, readAt });
    return identity;
  }

  /**
   * Forgets everything in all processes: a client, certificate or tenant was registered, revoked, suspended or resumed.
   * Resolves when each has looked again at who is connected.
   */
  async changed(): Promise<void> {
    await Promise.all([this.lookAgain(), this.siblings.tell(registrationsChanged, { atOnce: true })]);
  }

  /** The same by a request over KMIP, whose answer leaves before anybody is looked at again. */
  async changedByRequest(): Promise<void> {
    this.lookAgainLater();
    await this.siblings.tell(registrationsChanged, { atOnce: false });
  }

  /** Has a function called after every change, to look again at who is connected. */
  onChanged(listener: () => Promise<void> | void): void {
    this.listeners.push(listener);
  }

  private async read(fingerprint: string): Promise<KnownIdentity | null> {
    const identity = await this.database.read.clients.byFingerprint(fingerprint);
    const notVouched = identity === null ? undefined : await this.authorities.standing(identity.certificate);
    return identity === null || notVouched === undefined ? identity : { ...identity, notVouched };
  }

  private forget(): void {
    this.known = new Map();
    this.reading = new Map();
    this.authorities.forget();
  }

  private async lookAgain(): Promise<void> {
    this.forget();
    await Promise.all(this.listeners.map((listener) => listener()));
  }

  private lookAgainLater(): void {
    this.forget();
    setTimeout(() => void this.lookAgain(), answerMilliseconds).unref();
  }
}

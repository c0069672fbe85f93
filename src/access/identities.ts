import type { Database } from "#storage/database.js";
import type { ClientIdentity } from "#storage/types.js";

/** The longest a registration is trusted without asking again, so that other processes' changes reach this one. */
const trustedMilliseconds = 1000;

/** How long an answer may take to leave. */
const answerMilliseconds = 1000;

/**
 * Which client of which tenant a certificate belongs to. Registrations are remembered for a second at most; changes
 * made through this process take effect at once, because whoever makes one calls `changed`.
 */
export class Identities {
  private readonly database: Database;
  private readonly now: () => number;
  private readonly listeners: (() => void)[] = [];
  private known = new Map<string, { readonly identity: ClientIdentity | null; readonly readAt: number }>();

  /** `now` gives a steady time in milliseconds. */
  constructor(database: Database, now: () => number) {
    this.database = database;
    this.now = now;
  }

  /** The registration of a certificate by its SHA-256 fingerprint (64 lower-case hex digits), or null. */
  async find(fingerprint: string): Promise<ClientIdentity | null> {
    const known = this.known.get(fingerprint);
    if (known !== undefined && this.now() - known.readAt < trustedMilliseconds) return known.identity;
    const before = this.known;
    const readAt = this.now();
    const identity = await this.database.read.clients.byFingerprint(fingerprint);
    if (before === this.known) this.known.set(fingerprint, { identity, readAt });
    return identity;
  }

  /** Forgets everything: a client, certificate or tenant was registered, revoked, suspended or resumed. */
  changed(): void {
    this.known = new Map();
    for (const listener of this.listeners) listener();
  }

  /** The same by a request over KMIP, whose answer leaves before anybody is looked at again. */
  changedByRequest(): void {
    this.known = new Map();
    setTimeout(() => this.changed(), answerMilliseconds).unref();
  }

  /** Has a function called after every change, to look again at who is connected. */
  onChanged(listener: () => void): void {
    this.listeners.push(listener);
  }
}

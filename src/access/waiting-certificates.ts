import type { CertificateDescription } from "#certs/describe.js";
import { toPem } from "#certs/pem.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import type { WaitingCertificateRow } from "#storage/first-contact-types.js";

/** How much is kept of certificates that nobody has accepted. */
export interface WaitingSetting {
  readonly lifetimeMilliseconds: number;
  readonly inAll: number;
  readonly ofAddress: number;
  /** Certificates that this process has not seen before, each minute. */
  readonly newOfMinute: number;
}

/** A certificate that is not known, and what is found of it. */
export interface UnknownCertificate {
  readonly description: CertificateDescription;
  readonly sourceAddress: string;
  readonly listener: string;
  readonly authorityId: string | null;
  readonly suggestedName: string | null;
  readonly note: string | null;
}

/** What the list works with. */
export interface WaitingOptions {
  readonly database: Database;
  readonly setting: WaitingSetting;
  /** Told of certificates that wait now and did not before. */
  readonly added: (row: WaitingCertificateRow) => void;
  /** Told how many found no room, or came faster than they are taken. */
  readonly turnedAway: (count: number) => void;
  readonly failed: (error: unknown) => void;
}

const minute = 60_000;
/** What was shown is written after so long at first, and not more often than every so many milliseconds. */
const firstPause = 100;
const pause = 2000;
/** Certificates that this process remembers to have seen. */
const remembered = 1000;

/**
 * Notes certificates that nobody has accepted. However many connections bring them, they cost one commit every two
 * seconds and a bounded number of rows.
 */
export class WaitingCertificates {
  private readonly options: WaitingOptions;
  private readonly toWrite = new Map<string, WaitingCertificateRow>();
  private readonly seen = new Set<string>();
  private minuteStart = 0;
  private ofMinute = 0;
  private turnedAway = 0;
  private lastWrite = 0;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(options: WaitingOptions) {
    this.options = options;
  }

  /** Notes that a certificate was shown. */
  shown(unknown: UnknownCertificate): void {
    const { fingerprint256: fingerprint } = unknown.description;
    const now = Date.now();
    const before = this.toWrite.get(fingerprint);
    if (before === undefined && !this.seen.has(fingerprint) && !this.mayTakeNew(now)) {
      this.turnedAway += 1;
    } else {
      const row = rowOf(unknown, now);
      const again = before && { firstSeen: before.firstSeen, count: before.count + 1 };
      this.toWrite.set(fingerprint, { ...row, ...again });
    }
    this.writeSoon(now);
  }

  /** Whether one more new certificate, or registration, is taken in this minute. */
  mayTakeNew(now: number = Date.now()): boolean {
    if (now - this.minuteStart >= minute) {
      this.minuteStart = now;
      this.ofMinute = 0;
    }
    if (this.ofMinute >= this.options.setting.newOfMinute) return false;
    this.ofMinute += 1;
    return true;
  }

  /** Writes what was shown, and takes no more. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.writing;
    await this.write();
  }

  private writeSoon(now: number): void {
    if (this.timer !== undefined || this.stopped) return;
    const milliseconds = Math.max(firstPause, this.lastWrite + pause - now);
    this.timer = setTimeout(() => {
      this.writing = this.write().finally(() => {
        this.timer = undefined;
        if (this.toWrite.size > 0) this.writeSoon(Date.now());
      });
    }, milliseconds).unref();
  }

  private async write(): Promise<void> {
    const rows = [...this.toWrite.values()];
    const { database, setting, added, turnedAway, failed } = this.options;
    const tooFast = this.turnedAway;
    this.toWrite.clear();
    this.turnedAway = 0;
    this.lastWrite = Date.now();
    try {
      let withoutRoom = 0;
      if (rows.length > 0) {
        const { inAll, ofAddress } = setting;
        const limits = { inAll, ofAddress, forgottenBefore: this.lastWrite - setting.lifetimeMilliseconds };
        const [outcome] = await database.commit([change("waitingCertificates", "seen", rows, limits)]);
        withoutRoom = outcome.withoutRoom;
        for (const row of rows) this.remember(row.fingerprint);
        for (const row of rows) if (outcome.added.includes(row.fingerprint)) added(row);
      }
      if (tooFast + withoutRoom > 0) turnedAway(tooFast + withoutRoom);
    } catch (error) {
      failed(error);
    }
  }

  private remember(fingerprint: string): void {
    this.seen.delete(fingerprint);
    this.seen.add(fingerprint);
    const [oldest] = this.seen;
    if (this.seen.size > remembered && oldest !== undefined) this.seen.delete(oldest);
  }
}

function rowOf(unknown: UnknownCertificate, now: number): WaitingCertificateRow {
  const { description, ...found } = unknown;
  const { fingerprint256, subject, issuer, keyType, der, notBefore, notAfter } = description;
  return {
    fingerprint: fingerprint256,
    subject,
    issuer,
    keyType,
    pem: toPem("CERTIFICATE", der),
    notBefore: notBefore.getTime(),
    notAfter: notAfter.getTime(),
    firstSeen: now,
    lastSeen: now,
    count: 1,
    state: "waiting",
    ...found,
  };
}

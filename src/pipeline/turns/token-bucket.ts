/** How much may be taken: so many a second in the mean, and so many at once after a rest. */
export interface Rate {
  readonly perSecond: number;
  readonly atOnce: number;
}

interface Level {
  left: number;
  at: number;
}

/** Looked through for those that are full again after so many were made. */
const tidyAfter = 1000;

/** Token buckets by key: each fills at its rate, and is emptied by what is taken. */
export class TokenBuckets {
  private readonly now: () => number;
  private readonly levels = new Map<string, Level & Rate>();
  private untilTidy = tidyAfter;

  /** `now` gives a steady time in milliseconds. */
  constructor(now: () => number) {
    this.now = now;
  }

  /** Takes one where there is one. */
  take(key: string, rate: Rate): boolean {
    const level = this.level(key, rate);
    if (level.left < 1) return false;
    level.left -= 1;
    return true;
  }

  /** Takes what was granted elsewhere, where there is such a bucket here; it may be owed. */
  owe(key: string, amount: number): void {
    const known = this.levels.get(key);
    if (known !== undefined) known.left -= amount;
  }

  private level(key: string, rate: Rate): Level {
    const now = this.now();
    const known = this.levels.get(key);
    if (known === undefined || known.perSecond !== rate.perSecond) {
      const fresh = { ...rate, left: rate.atOnce, at: now };
      this.levels.set(key, fresh);
      this.tidy(now);
      return fresh;
    }
    known.left = filled(known, now);
    known.at = now;
    return known;
  }

  /** Forgets buckets that are full: a new one is full, too. */
  private tidy(now: number): void {
    this.untilTidy -= 1;
    if (this.untilTidy > 0) return;
    for (const [key, level] of this.levels) if (filled(level, now) >= level.atOnce) this.levels.delete(key);
    this.untilTidy = Math.max(tidyAfter, this.levels.size);
  }
}

function filled({ left, at, perSecond, atOnce }: Level & Rate, now: number): number {
  return Math.min(atOnce, left + ((now - at) / 1000) * perSecond);
}

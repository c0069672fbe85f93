import { type Siblings, topic } from "#src/siblings/siblings.js";

/** Objects that a process is about to change. */
interface Hold {
  readonly id: number;
  readonly keys: readonly string[];
}

const hold = topic<Hold>("objects are held");
const release = topic<number>("objects are released");

/** A reading of an object, or a writing of one, that has not ended. */
export interface Reading {
  readonly key: string;
  /** Whether what it gives is what the object is: nobody has begun to change it since it began. */
  isFresh: boolean;
}

/** Counts things by their keys. */
class Counts {
  private readonly counts = new Map<string, number>();

  has(key: string): boolean {
    return this.counts.has(key);
  }

  add(keys: readonly string[], by: 1 | -1): void {
    for (const key of keys) {
      const count = (this.counts.get(key) ?? 0) + by;
      if (count > 0) this.counts.set(key, count);
      else this.counts.delete(key);
    }
  }
}

/**
 * Keeps the caches of all processes exact. Before a process changes an object it has all others forget it; until the
 * change is over, each reads the object from the database and keeps nothing of it. So there is no moment at which one
 * process tells the new value and another one, asked later, the old.
 */
export class HeldObjects {
  private readonly siblings: Siblings;
  private readonly forget: (key: string) => void;
  private readonly readings = new Map<string, Set<Reading>>();
  /** What others hold, by process and number. */
  private readonly holds = new Map<number, Map<number, readonly string[]>>();
  private readonly heldByOthers = new Counts();
  private readonly own = new Map<number, readonly string[]>();
  private readonly heldByUs = new Counts();
  private lastId = 0;

  /** `forget` drops an object from the cache. */
  constructor(siblings: Siblings, forget: (key: string) => void) {
    this.siblings = siblings;
    this.forget = forget;
    siblings.on(hold, ({ id, keys }, from) => this.held(from, id, keys));
    siblings.on(release, (id, from) => this.released(from, id));
    siblings.onGone((process) => {
      for (const id of [...(this.holds.get(process)?.keys() ?? [])]) this.released(process, id);
    });
    siblings.onJoined(async () => {
      await Promise.all([...this.own].map(([id, keys]) => siblings.tell(hold, { id, keys })));
    });
  }

  /** Begins to read an object; to be ended with `ended`. */
  begin(key: string): Reading {
    return this.listed({ key, isFresh: !this.heldByOthers.has(key) && !this.heldByUs.has(key) });
  }

  ended(reading: Reading): void {
    const readings = this.readings.get(reading.key);
    readings?.delete(reading);
    if (readings?.size === 0) this.readings.delete(reading.key);
  }

  /** What is being read of an object may be its old value. */
  outdate(key: string): void {
    for (const reading of this.readings.get(key) ?? []) reading.isFresh = false;
  }

  /**
   * Has all processes forget objects that are about to be changed. Resolves when they have, with the writing of each,
   * which stays fresh while nobody else begins to change the object. To be let go with `release`.
   */
  async hold(keys: readonly string[]): Promise<{ readonly id: number; readonly writings: readonly Reading[] }> {
    this.lastId += 1;
    const id = this.lastId;
    this.own.set(id, keys);
    await this.siblings.tell(hold, { id, keys });
    this.heldByUs.add(keys, 1);
    this.drop(keys);
    const writings = keys.map((key) => this.listed({ key, isFresh: !this.heldByOthers.has(key) }));
    return { id, writings };
  }

  /** Lets all processes keep the objects again. */
  release(id: number): void {
    const keys = this.own.get(id);
    if (keys === undefined) return;
    this.own.delete(id);
    this.heldByUs.add(keys, -1);
    this.siblings.mention(release, id);
  }

  private listed(reading: Reading): Reading {
    const readings = this.readings.get(reading.key);
    if (readings === undefined) this.readings.set(reading.key, new Set([reading]));
    else readings.add(reading);
    return reading;
  }

  private drop(keys: readonly string[]): void {
    for (const key of keys) {
      this.forget(key);
      this.outdate(key);
    }
  }

  private held(from: number, id: number, keys: readonly string[]): void {
    const holds = this.holds.get(from) ?? new Map<number, readonly string[]>();
    this.holds.set(from, holds);
    if (!holds.has(id)) {
      holds.set(id, keys);
      this.heldByOthers.add(keys, 1);
    }
    this.drop(keys);
  }

  private released(from: number, id: number): void {
    const holds = this.holds.get(from);
    this.heldByOthers.add(holds?.get(id) ?? [], -1);
    holds?.delete(id);
    if (holds?.size === 0) this.holds.delete(from);
  }
}

import { type Siblings, topic } from "./siblings.js";

type Counted = readonly [key: string, count: number];

/**
 * Counts of things that all processes have together. Each tells the others what it has; between what happens in one and
 * what another knows of it lies the way of one message. What a process had that ended is not counted any more.
 */
export class JointCounts {
  private readonly siblings: Siblings;
  private readonly changed;
  private readonly own = new Map<string, number>();
  private readonly others = new Map<number, Map<string, number>>();

  /** `name` says what is counted, the same in all processes. */
  constructor(siblings: Siblings, name: string) {
    this.siblings = siblings;
    this.changed = topic<Counted>(`count of ${name}`);
    const all = topic<readonly Counted[]>(`all counts of ${name}`);
    siblings.on(this.changed, ([key, count], from) => this.set(this.of(from), key, count));
    siblings.on(all, (counts, from) => void this.others.set(from, new Map(counts)));
    siblings.onGone((process) => void this.others.delete(process));
    siblings.onJoined(() => siblings.tell(all, [...this.own]));
  }

  /** How many there are in all processes. */
  count(key: string): number {
    let sum = this.own.get(key) ?? 0;
    for (const counts of this.others.values()) sum += counts.get(key) ?? 0;
    return sum;
  }

  /** So many more, or fewer, in this process. */
  add(key: string, by: number): void {
    const count = (this.own.get(key) ?? 0) + by;
    this.set(this.own, key, count);
    this.siblings.mention(this.changed, [key, count]);
  }

  private of(process: number): Map<string, number> {
    const known = this.others.get(process);
    if (known !== undefined) return known;
    const counts = new Map<string, number>();
    this.others.set(process, counts);
    return counts;
  }

  private set(counts: Map<string, number>, key: string, count: number): void {
    if (count === 0) counts.delete(key);
    else counts.set(key, count);
  }
}

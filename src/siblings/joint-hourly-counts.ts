import { type Siblings, type Topic, topic } from "./siblings.js";

const slotMilliseconds = 5 * 60_000;
const slotsOfHour = 12;

/** Keys counted at most; the one that was counted longest ago is forgotten first. */
const keysMax = 10_000;

/** Counts of one key: slots of five minutes, and which of them is the newest. */
interface Track {
  readonly slots: number[];
  newest: number;
}

/**
 * What happened to each of many keys within the last hour, to five minutes, in all processes together. Between what happens
 * in one process and what another knows of it lies the way of one message.
 */
export class JointHourlyCounts {
  private readonly siblings: Siblings;
  private readonly now: () => number;
  private readonly happened: Topic<readonly [key: string, by: number]>;
  private readonly tracks = new Map<string, Track>();

  /** `name` says what is counted, the same in all processes; `now` gives a steady time in milliseconds. */
  constructor(siblings: Siblings, name: string, now: () => number) {
    this.siblings = siblings;
    this.now = now;
    this.happened = topic(`hourly count of ${name}`);
    siblings.on(this.happened, ([key, by]) => void this.note(key, by));
  }

  /** So many more; gives how many there were within the hour, with these. */
  add(key: string, by: number): number {
    this.siblings.mention(this.happened, [key, by]);
    return this.note(key, by);
  }

  private note(key: string, by: number): number {
    const slot = Math.floor(this.now() / slotMilliseconds);
    const track = this.tracks.get(key) ?? { slots: new Array<number>(slotsOfHour).fill(0), newest: slot };
    for (let gone = Math.min(slot - track.newest, slotsOfHour); gone > 0; gone -= 1) {
      track.slots[(slot - gone + 1) % slotsOfHour] = 0;
    }
    track.newest = slot;
    track.slots[slot % slotsOfHour] = (track.slots[slot % slotsOfHour] ?? 0) + by;
    this.tracks.delete(key);
    this.tracks.set(key, track);
    const [oldest] = this.tracks.keys();
    if (this.tracks.size > keysMax && oldest !== undefined) this.tracks.delete(oldest);
    return track.slots.reduce((sum, count) => sum + count, 0);
  }
}

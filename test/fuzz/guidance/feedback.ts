import { hits, hitWords, places } from "./counters.js";

/** Which of eight classes a number of hits falls into: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more; one bit each. */
const classOf = Uint8Array.from({ length: 256 }, (_, count) => {
  if (count <= 3) return [0, 1, 2, 4][count] ?? 0;
  return [8, 16, 32, 64, 64][Math.floor(Math.log2(count)) - 2] ?? 128;
});

/** What was reached so far: for each place the classes of hits that were seen. */
export class Feedback {
  private readonly seen = new Uint8Array(hits.length);
  private reachedPlaces = 0;

  /** Places that were reached at least once. */
  get reached(): number {
    return this.reachedPlaces;
  }

  /** Forgets what was reached since the last look. */
  clear(): void {
    hitWords.fill(0, 0, places() / 4);
  }

  /** Whether what was reached since the last look had not been seen before; then it counts as seen. */
  isNews(): boolean {
    return this.look((place, bit) => {
      if (this.seen[place] === 0) this.reachedPlaces += 1;
      this.seen[place] = (this.seen[place] ?? 0) | bit;
    });
  }

  /** The places reached since the last look, each with its class: one number a pair. */
  trace(): readonly number[] {
    const found: number[] = [];
    const words = places() / 4;
    for (let word = 0; word < words; word += 1) {
      if (hitWords[word] === 0) continue;
      for (let place = 4 * word; place < 4 * word + 4; place += 1) {
        const bit = classOf[hits[place] ?? 0] ?? 0;
        if (bit !== 0) found.push(place * 256 + bit);
      }
    }
    this.clear();
    return found;
  }

  private look(onNews: (place: number, bit: number) => void): boolean {
    let isNews = false;
    const words = places() / 4;
    for (let word = 0; word < words; word += 1) {
      if (hitWords[word] === 0) continue;
      for (let place = 4 * word; place < 4 * word + 4; place += 1) {
        const bit = classOf[hits[place] ?? 0] ?? 0;
        if (bit === 0 || ((this.seen[place] ?? 0) & bit) !== 0) continue;
        onNews(place, bit);
        isNews = true;
      }
      hitWords[word] = 0;
    }
    return isNews;
  }
}

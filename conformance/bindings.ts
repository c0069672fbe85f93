import { type Item, ItemType } from "#protocol/ttlv/item.js";
import type { ExpectedItem } from "./expected.js";

/** How far, in seconds, a moment may lie outside the run of its case before it counts as wrong. */
export const clockTolerance = 2;

/** Placeholders that stand for a new value at each appearance in an answer; all others keep their first value. */
const renewed = /^\$(?:(?:ASYNCHRONOUS_|SERVER_)?CORRELATION_VALUE|SIGNATURE_DATA)/;

/** Placeholders of which no two may stand for the same value. */
const distinct = /^\$(?:SHORT_)?UNIQUE_IDENTIFIER_/;

const moment = /^\$NOW(?:([+-])(\d+))?$/;

/** A leaf value as XML writes it, which is also the form by which values are told apart. */
export function leafText(item: Item): string {
  if (item.type === ItemType.Structure) throw new TypeError("a structure has no text");
  if (item.type === ItemType.ByteString) return item.value.toString("hex");
  if (item.type === ItemType.DateTime)
    return new Date(Number(item.value) * 1000).toISOString().replace(".000Z", "+00:00");
  return String(item.value);
}

/** What the placeholders of one case stand for, and when the case was played. */
export class Bindings {
  /** The start of the case, in seconds since 1970: what $NOW stands for in requests. */
  readonly startedAt: number;
  /** From when on moments count as during the run: the start of the first case of a group. */
  readonly since: number;
  private readonly clock: () => number;
  private readonly values = new Map<string, string>();
  private readonly lastAnswered = new Map<number, string>();

  /** `clock` gives seconds since 1970. */
  constructor(clock: () => number, since?: number) {
    this.clock = clock;
    this.startedAt = Math.floor(clock());
    this.since = since ?? this.startedAt;
  }

  /** Every value bound to a placeholder whose name starts so. */
  boundTo(prefix: string): readonly string[] {
    return [...this.values].filter(([name]) => name.startsWith(prefix)).map(([, value]) => value);
  }

  /** Whether a moment, in seconds, lies in the run of the case. */
  isDuringRun(seconds: number): boolean {
    return seconds >= this.since - clockTolerance && seconds <= this.clock() + clockTolerance;
  }

  /**
   * Compares an answered item with one that has a placeholder. `isAboutAsLong` says that lengths may differ a little.
   * Gives what was expected if it differs.
   */
  meetExpected({ placeholder }: ExpectedItem, answered: Item, _isAboutAsLong: boolean): string | undefined {
    if (answered.type === ItemType.Structure || placeholder === undefined) return "a value";
    return this.meet(placeholder, answered);
  }

  /** Compares an answered leaf with a placeholder, binding it where it is new. Gives what was expected if it differs. */
  meet(placeholder: string, answered: Item): string | undefined {
    const offset = momentOffset(placeholder);
    if (offset !== undefined) {
      const during = answered.type === ItemType.DateTime && this.isDuringRun(Number(answered.value) - offset);
      return during ? undefined : `${placeholder}, between ${this.startedAt + offset} and now`;
    }
    const text = leafText(answered);
    const bound = this.values.get(placeholder);
    if (bound !== undefined && !renewed.test(placeholder)) {
      return bound === text ? undefined : `${placeholder}, which is ${bound}`;
    }
    if (text === "") return `${placeholder}, not an empty value`;
    if (distinct.test(placeholder) && [...this.values].some(([name, value]) => distinct.test(name) && value === text)) {
      return `${placeholder}, different from every other identifier`;
    }
    this.values.set(placeholder, text);
    return undefined;
  }

  /** Remembers the values of an answer, for placeholders that a request uses before any answer named them. */
  remember(answer: Item): void {
    if (answer.type === ItemType.Structure) for (const child of answer.value) this.remember(child);
    else this.lastAnswered.set(answer.tag, leafText(answer));
  }

  /**
   * The text that stands for a placeholder in a request: its value, or, where no answer named it, the last value
   * answered under the same tag. Undefined where there is none.
   */
  resolve(placeholder: string, tag: number | undefined): string | undefined {
    const offset = momentOffset(placeholder);
    if (offset !== undefined)
      return leafText({ tag: 0, type: ItemType.DateTime, value: BigInt(this.startedAt + offset) });
    const bound = this.values.get(placeholder);
    if (bound !== undefined) return bound;
    return tag === undefined ? undefined : this.lastAnswered.get(tag);
  }
}

function momentOffset(placeholder: string): number | undefined {
  const match = moment.exec(placeholder);
  if (match === null) return undefined;
  return Number(`${match[1] ?? "+"}${match[2] ?? "0"}`);
}

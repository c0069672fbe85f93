import { randomInt } from "node:crypto";
import type { ListenerLimits } from "./limits.js";

/** How long a client is held back. */
type HoldLimits = Pick<ListenerLimits, "firstHoldMilliseconds" | "longestHoldMilliseconds">;

const chances = 1000;

/**
 * How long a client is held back the next time it is refused, in milliseconds, after one more request: twice as long where
 * that was refused, from the first time up to the longest; else shorter by such a part that two requests that are served
 * make up for one that was refused. A client that is served now and then among refusals goes on waiting longer than one
 * that was never refused.
 */
export function holdAfter(hold: number, isRefused: boolean, limits: HoldLimits): number {
  const { firstHoldMilliseconds, longestHoldMilliseconds } = limits;
  if (isRefused) return Math.min(longestHoldMilliseconds, Math.max(firstHoldMilliseconds, hold * 2));
  return hold / Math.SQRT2;
}

/**
 * A time shortened by up to a half, so that clients that were refused together do not come back together; `chance` is from 0
 * to 1.
 */
export function shortened(hold: number, chance: number): number {
  return hold * (1 - chance / 2);
}

/**
 * Holds back a client that is refused because too much is asked for: its refusal leaves at once, but its next request is
 * taken later, the later the more often it was refused. Asking again at once then costs the server nothing.
 */
export class HoldingBack {
  private readonly limits: HoldLimits;
  private readonly over: () => void;
  private timer: NodeJS.Timeout | undefined;
  private hold = 0;
  private isRefused = false;
  private hasEnded = false;

  /** `over` is called when the next request may be taken. */
  constructor(limits: HoldLimits, over: () => void) {
    this.limits = limits;
    this.over = over;
  }

  /** Whether no request may be taken now. */
  get isUnderWay(): boolean {
    return this.timer !== undefined;
  }

  /** The request in work is refused. */
  refused(): void {
    this.isRefused = true;
  }

  /** The answer to the request in work has left: begins to hold back where it was refused. */
  answered(): void {
    this.hold = holdAfter(this.hold, this.isRefused, this.limits);
    if (!this.isRefused) return;
    this.isRefused = false;
    if (this.hasEnded) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.over();
      },
      shortened(this.hold, randomInt(chances) / chances),
    );
  }

  /** Holds back no more, now and from now on; `over` is not called. */
  end(): void {
    this.hasEnded = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

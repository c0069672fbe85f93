import { randomInt } from "node:crypto";
import type { ListenerLimits } from "./limits.js";

/** How long a client is held back. */
type HoldLimits = Pick<ListenerLimits, "firstHoldMilliseconds" | "longestHoldMilliseconds">;

const chances = 1000;

/**
 * How many refusals count against a client after one more request: one more where it was refused, else half of them. A
 * client that is served now and then among refusals goes on waiting longer than one that was never refused.
 */
export function refusalsAfter(refusals: number, isRefused: boolean): number {
  return isRefused ? refusals + 1 : Math.floor(refusals / 2);
}

/**
 * How long a client is held back against which so many refusals count, in milliseconds: twice as long for each, up to
 * the longest. `chance`, from 0 to 1, shortens it by up to a half, so that clients that were refused together do not
 * come back together.
 */
export function holdMilliseconds(refusals: number, limits: HoldLimits, chance: number): number {
  const { firstHoldMilliseconds, longestHoldMilliseconds } = limits;
  return Math.min(longestHoldMilliseconds, firstHoldMilliseconds * 2 ** (refusals - 1)) * (1 - chance / 2);
}

/**
 * Holds back a client that is refused because too much is asked for: its refusal leaves at once, but its next request is
 * taken later, the later the more refusals count against it. Asking again at once then costs the server nothing.
 */
export class HoldingBack {
  private readonly limits: HoldLimits;
  private readonly over: () => void;
  private timer: NodeJS.Timeout | undefined;
  private refusals = 0;
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
    this.refusals = refusalsAfter(this.refusals, this.isRefused);
    if (!this.isRefused) return;
    this.isRefused = false;
    if (this.hasEnded) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.over();
      },
      holdMilliseconds(this.refusals, this.limits, randomInt(chances) / chances),
    );
  }

  /** Holds back no more, now and from now on; `over` is not called. */
  end(): void {
    this.hasEnded = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

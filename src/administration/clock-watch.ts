import type { RaiseEvent } from "#src/audit/events/events.js";
import type { Log } from "#src/telemetry/log.js";
import type { Metrics } from "#src/telemetry/metrics.js";

/** What a watch works with. */
export interface ClockWatchOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly raise: RaiseEvent;
  /** Milliseconds since 1970, by the clock of the machine; for tests. */
  readonly wall?: () => number;
  /** Milliseconds of a clock that never steps; for tests. */
  readonly steady?: () => number;
}

const lookMs = 1000;
/** What the clock may differ from the steady one between two looks; ways of setting it gently stay far below. */
const toleratedMs = 2000;
/** How far the clock may be set back for time to stand still until it has caught up. */
const heldMs = 86_400_000;

/**
 * Watches the clock of the machine: a step raises an event. Where it is set back by a day at most, time stands still for
 * requests until the clock has caught up, so that no date that has come is still to come again. Beyond that the clock
 * was wrong before rather than now, and is followed.
 */
export class ClockWatch {
  private readonly options: Required<ClockWatchOptions>;
  private readonly timer: NodeJS.Timeout;
  private latest: number;
  private offset: number;

  constructor(options: ClockWatchOptions) {
    this.options = { wall: () => Date.now(), steady: () => performance.now(), ...options };
    this.latest = this.options.wall();
    this.offset = this.latest - this.options.steady();
    this.timer = setInterval(() => this.look(), lookMs).unref();
  }

  /** The time of requests, in milliseconds since 1970. */
  readonly wallMilliseconds = (): number => {
    const wall = this.options.wall();
    if (wall >= this.latest || this.latest - wall > heldMs) this.latest = wall;
    return this.latest;
  };

  /** Compares the clocks. */
  look(): void {
    this.wallMilliseconds();
    const offset = this.options.wall() - this.options.steady();
    const step = offset - this.offset;
    this.offset = offset;
    if (Math.abs(step) <= toleratedMs) return;
    const seconds = Math.round(step / 1000);
    const detail = { seconds, direction: seconds < 0 ? "back" : "forward" };
    this.options.metrics.count("clockSteps", { direction: detail.direction });
    this.options.log.error(detail, "the clock of this machine was set: look at its time service");
    this.options.raise({ kind: "clock-stepped", detail });
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

import type { Log } from "#src/telemetry/log.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import type { RaiseEvent } from "./events/events.js";

/** What a standing works with. */
export interface CheckpointStandingOptions {
  /** The file outside the database. */
  readonly file: string;
  /** From when on requests are refused; 0: never. */
  readonly refuseAfterMs: number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly raise: RaiseEvent;
  /** Told when the trail begins to be unsecured, and when it no longer is. */
  readonly unsecured: (isUnsecured: boolean) => void;
}

const lookMs = 1000;
/** A checkpoint that takes longer counts as one that fails. */
const patienceMs = 10_000;

/**
 * Knows for how long checkpoints have not been kept outside the database. The first that fails raises an event; where
 * none succeeds for too long the audit trail is unsecured, which is told once, as is the end of it.
 */
export class CheckpointStanding {
  private readonly options: CheckpointStandingOptions;
  private readonly timer: NodeJS.Timeout;
  private busySince: number | undefined;
  private failingSince: number | undefined;
  private isUnsecured = false;

  constructor(options: CheckpointStandingOptions) {
    this.options = options;
    this.timer = setInterval(() => this.look(), lookMs).unref();
  }

  /** A checkpoint is about to be written. */
  begun(): void {
    this.busySince = performance.now();
  }

  /** It was kept, or none was due. */
  kept(): void {
    this.busySince = undefined;
    if (this.failingSince === undefined) return;
    const seconds = Math.round((performance.now() - this.failingSince) / 1000);
    this.failingSince = undefined;
    this.options.metrics.set("auditCheckpointDelay", {}, 0);
    this.options.log.info(
      { file: this.options.file, seconds },
      "checkpoints of the audit trail are kept outside again",
    );
    this.options.raise({ kind: "checkpoint-resumed", detail: { file: this.options.file, seconds } });
    if (this.isUnsecured) this.options.unsecured(false);
    this.isUnsecured = false;
  }

  /** It could not be kept. */
  failed(error: unknown): void {
    this.fails(this.busySince ?? performance.now(), error instanceof Error ? error.message : String(error));
    this.busySince = undefined;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private fails(since: number, said: string): void {
    if (this.failingSince !== undefined) return;
    this.failingSince = since;
    const { file, log, raise } = this.options;
    log.error(
      { file, said },
      `no checkpoint of the audit trail can be kept in ${file}: see to its disk, or its reader`,
    );
    raise({ kind: "checkpoint-failed", detail: { file } });
  }

  private look(): void {
    const now = performance.now();
    if (this.busySince !== undefined && now - this.busySince > patienceMs) this.fails(this.busySince, "no answer");
    if (this.failingSince === undefined) return;
    const { file, log, metrics, raise, refuseAfterMs, unsecured } = this.options;
    const failingMs = now - this.failingSince;
    metrics.set("auditCheckpointDelay", {}, Math.round(failingMs / 1000));
    if (this.isUnsecured || refuseAfterMs === 0 || failingMs < refuseAfterMs) return;
    this.isUnsecured = true;
    log.error({ file }, "the audit trail cannot be secured: every request is refused until a checkpoint is kept");
    raise({ kind: "audit-unsecured", detail: { file } });
    unsecured(true);
  }
}

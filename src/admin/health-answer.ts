import type { PartStatus } from "#src/administration/administration.js";

/** What a health probe is told. */
export interface HealthAnswer {
  readonly healthy: boolean;
  /** Only for operators: what was looked at. */
  readonly parts?: readonly PartStatus[];
}

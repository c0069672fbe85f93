/** What one step of an examination came to. */
export interface Finding {
  readonly step: StepName;
  readonly outcome: "ok" | "failed" | "skipped";
  /** What was found, or why the step was not taken: one sentence in plain words. */
  readonly found: string;
  /** What to do; null where nothing is. */
  readonly advice: string | null;
}

/** The steps of an examination in their order. */
export const steps = [
  "name",
  "connection",
  "tls",
  "tls versions",
  "server certificate",
  "client certificate",
  "admission",
  "kmip",
  "clock",
] as const;

/** A step. */
export type StepName = (typeof steps)[number];

/** A step that found what should be. */
export function fine(step: StepName, found: string): Finding {
  return { step, outcome: "ok", found, advice: null };
}

/** A step that found what must be mended. */
export function failed(step: StepName, found: string, advice: string): Finding {
  return { step, outcome: "failed", found, advice };
}

/** A step that was not taken. */
export function skipped(step: StepName, found: string): Finding {
  return { step, outcome: "skipped", found, advice: null };
}

/** A span of time in the largest unit that says enough: `3 days`, `5 minutes`. */
export function spanOf(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  const units = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ] as const;
  const [size, name] = units.find(([size]) => seconds >= 2 * size) ?? ([1, "second"] as const);
  const count = Math.round(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/** One thing that was looked at. */
export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  /** What was seen instead; empty for one that passed. */
  readonly details: string;
}

/** Collects what a suite looks at. A check that fails does not stop the suite. */
export class Checks {
  readonly #results: CheckResult[] = [];
  readonly #heard: (result: CheckResult) => void;

  /** `heard` is told of each result. */
  constructor(heard: (result: CheckResult) => void) {
    this.#heard = heard;
  }

  get results(): readonly CheckResult[] {
    return this.#results;
  }

  /** Runs `action`, which throws where the sentence does not hold. Gives what it gives, undefined where it threw. */
  async check<T>(name: string, action: () => T | Promise<T>): Promise<T | undefined> {
    try {
      const value = await action();
      this.record({ name, passed: true, details: "" });
      return value;
    } catch (error) {
      this.record({ name, passed: false, details: detailsOf(error) });
      return undefined;
    }
  }

  /** Notes a result that was found elsewhere, such as in a client's own program. */
  record(result: CheckResult): void {
    this.#results.push(result);
    this.#heard(result);
  }

  /** Notes the checks that a program printed as lines of TAP. Throws where it printed none. */
  recordTap(output: string): void {
    const parts = output.split(/^(?=(?:not )?ok \d+ - )/m).filter((part) => /^(not )?ok \d+ - /.test(part));
    if (parts.length === 0) throw new Error(`no check was made: ${output}`);
    for (const part of parts) {
      const [head = "", ...details] = part.split("\n");
      const passed = head.startsWith("ok");
      this.record({
        name: head.replace(/^(?:not )?ok \d+ - /, ""),
        passed,
        details: passed ? "" : details.join("\n"),
      });
    }
  }
}

/** What an error says, and what caused it. */
export function detailsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nbecause of ${detailsOf(error.cause)}`;
}

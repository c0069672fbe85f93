/** An input that made something happen that must not happen. */
export interface Finding {
  readonly what: string;
  /** The bytes sent, in hexadecimal. */
  readonly input: string;
}

/** How much of a run a part may take: a time, a number of executions, or both. */
export interface Budget {
  readonly seconds: number;
  readonly executions: number;
}

/** What one part of a run came to. */
export interface PartResult {
  readonly name: string;
  readonly executions: number;
  readonly seconds: number;
  /** How the inputs were taken, such as "refused by the codec", with how often. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
}

/** Collects what one part of a run comes to. A run that finds much stops early. */
export class PartRecorder {
  private readonly outcomes = new Map<string, number>();
  private readonly findings: Finding[] = [];
  private readonly startedAt = performance.now();
  private executions = 0;

  constructor(
    private readonly name: string,
    private readonly budget: Budget,
  ) {}

  get isOver(): boolean {
    return (
      this.executions >= this.budget.executions ||
      this.seconds >= this.budget.seconds ||
      this.findings.length >= maximumFindings
    );
  }

  outcome(what: string): void {
    this.executions += 1;
    this.outcomes.set(what, (this.outcomes.get(what) ?? 0) + 1);
  }

  finding(what: string, input: Buffer): void {
    this.findings.push({ what, input: input.toString("hex") });
  }

  result(): PartResult {
    const { name, executions, seconds, outcomes, findings } = this;
    return { name, executions, seconds, outcomes, findings };
  }

  private get seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }
}

const maximumFindings = 20;

/** An input that made something happen that must not happen. */
export interface Finding {
  readonly what: string;
  /** The bytes, in hexadecimal. */
  readonly input: string;
}

/** How much of a run a target may take: a time, a number of executions, or both. */
export interface Budget {
  readonly seconds: number;
  readonly executions: number;
}

/** What the run of one target came to. */
export interface TargetResult {
  readonly name: string;
  readonly executions: number;
  readonly seconds: number;
  /** How the inputs were taken, such as "refused by the codec", with how often. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Places of the code that were reached. */
  readonly places: number;
  /** Inputs that reached something that none before them had reached, seeds included. */
  readonly corpus: number;
  /** The longest that an execution took, in milliseconds, and its input in hexadecimal. */
  readonly slowest: { readonly milliseconds: number; readonly input: string };
  /** By how much the heap grew after the first tenth of the run, in MiB, the kept inputs left aside. */
  readonly growth: number;
  readonly findings: readonly Finding[];
}

/** A run that finds so many different things ends. */
export const mostFindings = 20;

/** The words of an error, and the place in the project where it was thrown. */
export function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `something that is no error was thrown: ${String(thrown)}`;
  const frames = (thrown.stack ?? "").split("\n").filter((line) => line.includes("/build/"));
  const where = frames.slice(0, 3).map((line) => line.trim().replace(/\(?file:.*\/build\//, "("));
  return [`${thrown.name}: ${thrown.message}`, ...where].join(" | ").slice(0, 1000);
}

/** What two findings share that are one: words without numbers and quoted texts, and the first place. */
export function signatureOf(what: string): string {
  return what
    .replace(/"[^"]*"|'[^']*'/g, '""')
    .replace(/\d+/g, "0")
    .slice(0, 300);
}

/** Whether one thing that is asked for holds, in words with its figures. */
export interface Verdict {
  readonly line: string;
  readonly holds: boolean;
}

/** Prints what was found, as lines or as JSON beside what was measured; gives the exit code. */
export function printVerdicts(verdicts: readonly Verdict[], measured: object, asJson: boolean): number {
  if (asJson) process.stdout.write(`${JSON.stringify({ ...measured, verdicts }, null, 2)}\n`);
  else for (const { line, holds } of verdicts) process.stdout.write(`${holds ? "ok     " : "MISSED "} ${line}\n`);
  return verdicts.every(({ holds }) => holds) ? 0 : 1;
}

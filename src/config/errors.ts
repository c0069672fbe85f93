/** One thing that is wrong with the configuration. */
export interface ConfigurationProblem {
  /** Dotted path of the key (`kmip.limits.maximumDepth`), or the file's path where no key is to blame. */
  readonly path: string;
  /** What is wrong and what to do, without the value where it may be secret. */
  readonly message: string;
}

/** The configuration cannot be used. Lists every problem found, not only the first. */
export class ConfigurationError extends Error {
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[], file?: string) {
    const source = file === undefined ? "the configuration" : file;
    const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
    super([`${source} cannot be used:`, ...lines].join("\n"));
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

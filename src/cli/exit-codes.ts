/** What the exit code of a command says. */
export const exitCodes = {
  done: 0,
  /** It could not be done, or what was verified is not whole. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

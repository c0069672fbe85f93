import type { Command } from "commander";
import type { Configuration } from "#src/config/configuration.js";

/** The options that every command has. */
export interface GlobalOptions {
  readonly home?: string;
  readonly config?: string;
}

/** The configuration a command works with; `more` goes before the environment. Throws ConfigurationError. */
export async function configurationOf(
  command: Command,
  more: Readonly<Record<string, string>> = {},
): Promise<Configuration> {
  const { home, config } = command.optsWithGlobals<GlobalOptions>();
  const { loadConfiguration } = await import("#src/config/load.js");
  return loadConfiguration({
    ...(home === undefined ? {} : { home }),
    ...(config === undefined ? {} : { file: config }),
    environment: { ...process.env, ...more },
  });
}

/** Tells the operator what is being done, on standard error. */
export function tellProgress(message: string): void {
  process.stderr.write(`keyreeve: ${message}\n`);
}

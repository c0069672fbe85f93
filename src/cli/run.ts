import { CommanderError } from "commander";
import { exitCodes } from "./exit-codes.js";
import { explain } from "./explain.js";
import { commandLine } from "./program.js";

/** Runs one command line and gives the exit code. Errors are told on standard error in words for an operator. */
export async function run(words: readonly string[]): Promise<number> {
  const program = commandLine();
  // A reader such as `head` that has seen enough is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.done);
    throw error;
  });
  try {
    // Some commands have an option of this name, which one of the whole program would take from them.
    const asked = words.length === 1 && words[0] === "--version" ? ["-V"] : words;
    await program.parseAsync(asked, { from: "user" });
    return Number(process.exitCode ?? exitCodes.done);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    process.stderr.write(`keyreeve: ${explain(error)}\n`);
    return exitCodes.failed;
  }
}

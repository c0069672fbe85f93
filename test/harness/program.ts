/** What the programs of all harnesses have in common: their options, and how they complain of them. */
import { type ParseArgsConfig, parseArgs } from "node:util";

const commonOptions = {
  seed: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type OwnOptions = NonNullable<ParseArgsConfig["options"]>;

/** The values of a harness's own options and of those that all have. */
export type HarnessValues<Own extends OwnOptions> = ReturnType<
  typeof parseArgs<{ options: Own & typeof commonOptions }>
>["values"];

/** A command line that cannot be run; the message says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A number that an option was given, or stands for one that was not. Throws UsageError. */
export function amountOf(given: string | number): number {
  const amount = given === "" ? Number.NaN : Number(given);
  if (!(amount >= 0)) throw new UsageError(`"${given}" is no number from 0 on`);
  return amount;
}

/** One of several words that an option was given. Throws UsageError. */
export function wordOf<const Words extends readonly string[]>(text: string, words: Words): Words[number] {
  if (!words.includes(text)) throw new UsageError(`"${text}" is none of ${words.join(", ")}`);
  return text;
}

/**
 * Runs a harness with the arguments of the process: prints its help where that is asked for, says in one line what is
 * wrong with its options, and ends with the exit code that `run` gives.
 */
export async function runHarness<const Own extends OwnOptions>(
  usage: string,
  own: Own,
  run: (values: HarnessValues<Own>) => Promise<number>,
): Promise<void> {
  endWithReaders();
  try {
    const values = parseArgs({ options: { ...own, ...commonOptions } }).values as HarnessValues<Own>;
    const { help } = values as { readonly help?: boolean };
    if (help === true) process.stdout.write(usage);
    else process.exitCode = await run(values);
  } catch (error) {
    if (!isOfUsage(error)) throw error;
    process.stderr.write(`${error.message}; --help says what there is\n`);
    process.exitCode = 1;
  }
}

/** Where nobody reads any more what a harness writes, it is ended as if it were asked to: it leaves nothing behind. */
function endWithReaders(): void {
  let isEnding = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => {
      if (!isEnding) process.kill(process.pid, "SIGTERM");
      isEnding = true;
    });
  }
}

function isOfUsage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const isOfParsing = "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  return isOfParsing || error instanceof UsageError;
}

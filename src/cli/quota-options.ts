import { type Command, InvalidArgumentError } from "commander";
import { type Quota, type QuotaChange, quotaBounds, quotaCeilings } from "#src/access/quota.js";
import { wholeNumber } from "./numbers.js";

/** What a command with bounds was given: a number, or null for `none`. */
export type QuotaOptions = QuotaChange;

const flags = {
  requestsPerSecond: ["--requests-per-second <number>", "most requests a second, or `none`"],
  concurrentRequests: ["--concurrent-requests <number>", "most requests in work at once, or `none`"],
  keysPerMinute: ["--keys-per-minute <number>", "most keys and key pairs a minute that are made, or `none`"],
} as const;

/** Gives a command the options of a quota. */
export function withQuotaOptions(command: Command): Command {
  for (const bound of quotaBounds) {
    const [flag, words] = flags[bound];
    const read = wholeNumber(1, quotaCeilings[bound]);
    command.option(flag, words, (text: string) => {
      if (text === "none") return null;
      try {
        return read(text);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        throw new InvalidArgumentError(`${error.message} Or \`none\`.`);
      }
    });
  }
  return command;
}

/** The change of a quota that the options of a command ask for; undefined where they ask for none. */
export function quotaChangeOf(options: QuotaOptions): QuotaChange | undefined {
  const given = quotaBounds.flatMap((bound) => (options[bound] === undefined ? [] : [[bound, options[bound]]]));
  return given.length === 0 ? undefined : (Object.fromEntries(given) as QuotaChange);
}

const units = {
  requestsPerSecond: "requests a second",
  concurrentRequests: "requests at once",
  keysPerMinute: "keys a minute",
} as const;

/** A quota as one line for people. */
export function quotaLine(quota: Quota): string {
  const bounds = quotaBounds.flatMap((bound) =>
    quota[bound] === undefined ? [] : [`${quota[bound]} ${units[bound]}`],
  );
  return bounds.length === 0 ? "none" : bounds.join(", ");
}

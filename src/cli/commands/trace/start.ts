import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { wholeNumber } from "../../numbers.js";
import { jsonOption } from "../../output.js";
import { bytesFrom, printTrace, secondsFrom } from "../../trace-output.js";

interface StartOptions {
  readonly tenant: string;
  readonly client?: string;
  readonly for?: number;
  readonly maxSize?: number;
  readonly maxRequests?: number;
  readonly json?: boolean;
}

/** `keyreeve trace start` */
export function traceStartCommand(): Command {
  return new Command("start")
    .description("record what a client sends and receives, for a time; passwords, keys and data are left out")
    .requiredOption("--tenant <tenant>", "the tenant of the client")
    .option("--client <client>", "the client (default: all clients of the tenant)")
    .option("--for <time>", "how long, such as 90s, 10m or 2h; at most 24h (default: 10m)", secondsFrom)
    .option("--max-size <size>", "how large the file may grow, such as 500KiB (default: 50MiB)", bytesFrom)
    .option("--max-requests <number>", "how many requests at most (default: 100000)", wholeNumber(1, 10_000_000))
    .option(...jsonOption)
    .action(async ({ tenant, client, maxSize, maxRequests, json, ...options }: StartOptions, command: Command) => {
      const request = {
        tenant,
        ...(client !== undefined && { client }),
        ...(options.for !== undefined && { seconds: options.for }),
        ...(maxSize !== undefined && { maximumBytes: maxSize }),
        ...(maxRequests !== undefined && { maximumRequests: maxRequests }),
      };
      const trace = await withAdministration(command, (administration) => administration.traces.start(request));
      await printTrace(trace, json);
    });
}

import { Command } from "commander";
import { argumentsFrom, runCompanion, several } from "../companion-program.js";
import { jsonOption } from "../output.js";

interface ReplayOptions {
  readonly server?: string;
  readonly https?: string;
  readonly identity?: readonly string[];
  readonly variable?: readonly string[];
  readonly json?: boolean;
}

/** `keyreeve replay PATH...`: plays transcripts against a server and shows what differs. */
export function replayCommand(): Command {
  return new Command("replay")
    .description(
      "play transcripts, such as keyreeve trace writes, against a server; exit code 1 where something differs",
    )
    .argument("<path...>", "transcripts, or folders with transcripts (*.kmip)")
    .option("--server <host:port>", "a KMIP server that runs (default: a server of its own, in a folder of its own)")
    .option("--https <host:port>", "where that server serves KMIP over HTTPS")
    .option("--identity <dir>", "the files of a client of it, for client A, then the next; repeatable", several)
    .option("--variable <name=value>", "the value of a variable that no answer gives; repeatable", several)
    .option(...jsonOption)
    .action(async (paths: readonly string[], options: ReplayOptions) => {
      process.exitCode = await runCompanion("replay", [...argumentsFrom(options), "--", ...paths]);
    });
}

import { Command, Option } from "commander";
import { argumentsFrom, runCompanion, several } from "../companion-program.js";
import { jsonOption } from "../output.js";

interface ConformanceOptions {
  readonly vectors?: string;
  readonly version?: readonly string[];
  readonly case?: string;
  readonly server?: string;
  readonly identity?: readonly string[];
  readonly transport?: string;
  readonly output?: string;
  readonly json?: boolean;
}

/** `keyreeve conformance`: plays the OASIS test cases against a server. */
export function conformanceCommand(): Command {
  return new Command("conformance")
    .description(
      "play the OASIS test cases of KMIP against a server and print what came of them; exit code 1 where a case fails",
    )
    .option("--vectors <dir>", "the cases: VERSION/PROFILE/NAME.xml (default: the variable KEYREEVE_VECTORS)")
    .option("--server <host:port>", "a KMIP server that runs (default: a server of its own, in a folder of its own)")
    .option(
      "--identity <dir>",
      "the files of a client of it, for Client-A, then Client-B and so on; repeatable",
      several,
    )
    .addOption(
      new Option("--transport <name>", "how messages are sent; default ttlv").choices(["ttlv", "https", "xml", "json"]),
    )
    .option("--version <version>", "only this version of KMIP, such as 1.2; repeatable", several)
    .option("--case <text>", "only cases whose name contains this text")
    .option("--output <file>", "write the results too, by the name's end as JSON, as a page (.md) or as text")
    .option(...jsonOption)
    .action(async (options: ConformanceOptions) => {
      // Started as a program of its own: it is no part of the server.
      process.exitCode = await runCompanion("main", argumentsFrom(options));
    });
}

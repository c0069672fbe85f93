import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { exitCodes } from "../exit-codes.js";
import { jsonOption } from "../output.js";

/** The program that plays the cases; it stands beside the server, of which it is no part. */
const program = resolve(import.meta.dirname, "../../../conformance/main.js");

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

const several = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

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
      const child = spawn(process.execPath, [program, ...argumentsOf(options)], { stdio: "inherit" });
      const [code] = await once(child, "exit");
      process.exitCode = typeof code === "number" ? code : exitCodes.failed;
    });
}

function argumentsOf({ json, ...options }: ConformanceOptions): readonly string[] {
  const given = Object.entries(options).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((each: string) => [`--${name}`, each]),
  );
  return json === true ? [...given, "--json"] : given;
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import type { Finding } from "#src/doctor/finding.js";
import { coloured } from "../colours.js";
import { exitCodes } from "../exit-codes.js";
import { wholeNumber } from "../numbers.js";
import { jsonOption, print, printable, printJson } from "../output.js";

interface Options {
  readonly identity?: string;
  readonly ca?: string;
  readonly serverName?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

/** `keyreeve doctor HOST:PORT` */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "try a connection to a KMIP server step by step and say what is wrong and what to do; it needs no data directory, " +
        "and the server may be any; exit code 1 where a step failed",
    )
    .argument("<host:port>", "the server; port 5696 where none is given")
    .option(
      "--identity <dir>",
      "a client's files: client.crt, client.key and ca.crt, as `keyreeve client issue` writes them",
    )
    .option("--ca <file>", "the CA certificate of the server, PEM (default: ca.crt of --identity)")
    .option("--server-name <name>", "the name that the server's certificate must hold (default: the host)")
    .option("--timeout <seconds>", "how long the server may take for each answer", wholeNumber(1, 300), 10)
    .option(...jsonOption)
    .action(async (server: string, options: Options, command: Command) => {
      const { readAddress } = await import("#src/kmip-client/address.js");
      const { examine } = await import("#src/doctor/examine.js");
      const address = readAddress(server);
      if (address === undefined) return command.error(`error: "${server}" is not HOST, HOST:PORT or [IPV6]:PORT`);
      const { serverName, timeout, json } = options;
      const target = {
        ...address,
        ...(await filesOf(options)),
        ...(serverName !== undefined && { serverName }),
        milliseconds: timeout * 1000,
      };
      const findings = await examine(target, (finding) => (json === true ? undefined : printFinding(finding)));
      const ok = findings.every(({ outcome }) => outcome !== "failed");
      if (!ok) process.exitCode = exitCodes.failed;
      if (json === true) return printJson({ ...address, ok, findings });
      return print(
        ok ? "\nNothing is wrong with this connection.\n" : "\nMend the first step that failed, then try again.\n",
      );
    });
}

/** The files of the client; those that are not there are left out, which the examination tells. */
async function filesOf({
  identity,
  ca,
}: Options): Promise<Partial<Record<"certificate" | "key" | "authority", string>>> {
  const read = async (file: string | undefined, isDemanded: boolean): Promise<string | undefined> => {
    if (file === undefined) return undefined;
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      if (!isDemanded && error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  };
  const inFolder = (name: string) => (identity === undefined ? undefined : join(identity, name));
  const certificate = await read(inFolder("client.crt"), false);
  const key = await read(inFolder("client.key"), false);
  const authority = await read(ca ?? inFolder("ca.crt"), ca !== undefined);
  return {
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
    ...(authority !== undefined && { authority }),
  };
}

const marks = { ok: ["ok", "green"], failed: ["FAILED", "red"], skipped: ["-", "yellow"] } as const;

function printFinding({ step, outcome, found, advice }: Finding): Promise<void> {
  const [mark, colour] = marks[outcome];
  const line = `${coloured(mark.padEnd(6), colour)}  ${step.padEnd(18)}  ${printable(found)}\n`;
  return print(advice === null ? line : `${line}${" ".repeat(28)}${printable(advice)}\n`);
}

import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import type { ProbeReport } from "#src/crypto/pkcs11/probe.js";
import { exitCodes } from "../../exit-codes.js";
import { wholeNumber } from "../../numbers.js";
import { jsonOption, print, printFacts, printJson, printTable } from "../../output.js";
import { configurationOf } from "../../settings.js";

interface Options {
  readonly module?: string;
  readonly moduleParameters?: string;
  readonly tokenLabel?: string;
  readonly pinFile?: string;
  readonly environment?: readonly string[];
  readonly timeout: number;
  readonly output?: string;
  readonly json?: boolean;
}

/** `keyreeve hsm probe`: what a module is, can do, and does in its own way. */
export function hsmProbeCommand(): Command {
  return new Command("probe")
    .description("try a PKCS#11 module, leaving nothing behind, and write its capability profile")
    .option("--module <path>", "the module (default: hsm.module)")
    .option("--module-parameters <text>", "text that the module is initialised with (NSS)")
    .option("--token-label <label>", "the token to try (default: the first one)")
    .option("--pin-file <file>", "file that holds the user PIN; without it the module is read, and nothing tried")
    .option("--environment <names...>", "variables of this environment that the module needs, beside hsm.environment")
    .option("--timeout <seconds>", "how long it may take (default: 120)", wholeNumber(1, 3600), 120)
    .option("--output <file>", "write the profile to this file, for hsm.profile")
    .option(...jsonOption)
    .action(async (options: Options, command: Command) => {
      const report = await probed(options, command);
      if (options.output !== undefined) await writeFile(options.output, `${JSON.stringify(report, null, 2)}\n`);
      await (options.json ? printJson(report) : printReport(report));
      if (report.findings.lacking.tenant.length > 0) process.exitCode = exitCodes.failed;
    });
}

async function probed(options: Options, command: Command): Promise<ProbeReport> {
  const { module, moduleParameters, tokenLabel, pinFile, environment = [], timeout } = options;
  const configuration = await configurationOf(command);
  const [{ moduleLocation }, { probe }] = await Promise.all([
    import("#src/administration/installation.js"),
    import("#src/crypto/pkcs11/probe.js"),
  ]);
  const { hsm } = configuration;
  const path = module === undefined ? hsm.module : resolve(module);
  const named = { hsm: { ...hsm, environment: [...hsm.environment, ...environment] } };
  const location = moduleLocation(
    path,
    named,
    moduleParameters ?? (module === undefined ? hsm.moduleParameters : undefined),
  );
  const pin = pinFile === undefined ? {} : { pin: Buffer.from((await readFile(pinFile, "utf8")).trim()) };
  return probe({ module: location, ...(tokenLabel === undefined ? {} : { tokenLabel }), ...pin }, timeout * 1000);
}

function shown(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === null) return "not known";
  if (Array.isArray(value)) return value.join(" ");
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).map(([name, each]) => `${name} ${each ?? "none"}`);
  return entries.join(", ");
}

async function printReport({ name, quirks, findings }: ProbeReport): Promise<void> {
  const { library, slots, mechanisms, trials, callsPerSecond, notTried, lacking } = findings;
  await printFacts([
    ["Profile", name],
    ["Manufacturer", library.manufacturer],
    ["Description", library.moduleDescription],
    ["Library version", library.libraryVersion],
    ["PKCS#11 version", library.cryptokiVersion],
  ]);
  await print("\n");
  const slotRows = slots.map((slot) => [
    slot.description,
    slot.tokenLabel ?? "",
    slot.tokenSerial ?? "",
    slot.isInitialised ? "yes" : "no",
    slot.mostSessions ?? "not told",
  ]);
  await printTable(["SLOT", "TOKEN", "SERIAL", "INITIALISED", "SESSIONS"], slotRows, "The module has no slots.");
  await print("\n");
  const rows = mechanisms.map((each) => [each.name, each.minimumKeySize, each.maximumKeySize, each.flags.join(" ")]);
  await printTable(["MECHANISM", "MIN KEY", "MAX KEY", "DOES"], rows, "The token has no mechanisms.");
  await print("\n");
  const found = (values: object): [string, string][] =>
    Object.entries(values).map(([label, value]) => [label, shown(value)]);
  await printTable(["TRIED", "FOUND"], found(trials), "Nothing was tried: give the PIN with --pin-file.");
  await print("\n");
  await printTable(["CALL", "A SECOND"], found(callsPerSecond), "Nothing was measured.");
  await print("\n");
  await printTable(["QUIRK", "VALUE"], found(quirks), "");
  await print(`\nNot tried:\n${notTried.map((line) => `  ${line}\n`).join("")}`);
  const missing = (whose: string, list: readonly string[]): string =>
    list.length === 0
      ? `This token has all that ${whose} needs.\n`
      : `For ${whose} this token lacks:\n${list.map((line) => `  ${line}\n`).join("")}`;
  await print(`\n${missing("the partition of a tenant", lacking.tenant)}`);
  await print(missing("the server's own partition", lacking.root));
}

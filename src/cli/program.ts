import { Command } from "commander";
import { softwareVersion } from "#src/administration/software-version.js";
import { auditCommand } from "./commands/audit/index.js";
import { clientCommand } from "./commands/client/index.js";
import { conformanceCommand } from "./commands/conformance.js";
import { doctorCommand } from "./commands/doctor.js";
import { hsmCommand } from "./commands/hsm/index.js";
import { initCommand } from "./commands/init.js";
import { integrityCommand } from "./commands/integrity/index.js";
import { keyCommand } from "./commands/key/index.js";
import { putCommand } from "./commands/put.js";
import { replayCommand } from "./commands/replay.js";
import { secretCommand } from "./commands/secret/index.js";
import { serveCommand } from "./commands/serve.js";
import { statusCommand } from "./commands/status.js";
import { taskCommand } from "./commands/task/index.js";
import { tenantCommand } from "./commands/tenant/index.js";
import { traceCommand } from "./commands/trace/index.js";
import { versionCommand } from "./commands/version.js";

/** All commands in the order of the help. */
const commands = [
  initCommand,
  serveCommand,
  statusCommand,
  doctorCommand,
  tenantCommand,
  clientCommand,
  putCommand,
  secretCommand,
  keyCommand,
  taskCommand,
  auditCommand,
  integrityCommand,
  hsmCommand,
  traceCommand,
  replayCommand,
  conformanceCommand,
  versionCommand,
];

/** The whole command line. Commands load what they need only when they run, so that the help is there at once. */
export function commandLine(): Command {
  const program = new Command("keyreeve")
    .description("Key management over KMIP, with each tenant's keys in an HSM partition of its own.")
    .option("--home <dir>", "the data directory (default: KEYREEVE_HOME, then ./keyreeve-data)")
    .option("--config <file>", "the configuration file (default: KEYREEVE_CONFIG, then keyreeve.yaml in the home)")
    .version(softwareVersion(), "-V", "print the version number, as --version does where it stands alone")
    .helpCommand("help [command]", "show the help of a command")
    .showHelpAfterError("(add --help for the commands and options)");
  for (const make of commands) program.addCommand(make());
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true });
  }
  return program;
}

/** A command and all beneath it. */
export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** The commands that do something, groups left out. */
export function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

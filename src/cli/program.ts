import { Command } from "commander";
import { initCommand } from "./commands/init.js";
import { serveCommand } from "./commands/serve.js";

/** All commands in the order of the help. */
const commands = [initCommand, serveCommand];

/** The whole command line. Commands load what they need only when they run, so that the help is there at once. */
export function commandLine(): Command {
  const program = new Command("keyreeve")
    .description("Key management over KMIP, with each tenant's keys in an HSM partition of its own.")
    .option("--home <dir>", "the data directory (default: KEYREEVE_HOME, then ./keyreeve-data)")
    .option("--config <file>", "the configuration file (default: KEYREEVE_CONFIG, then keyreeve.yaml in the home)")
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

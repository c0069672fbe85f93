import type { Argument, Command, Option } from "commander";
import { commandLine, leaves } from "./program.js";

const introduction = `# Command line

<!-- Generated from src/cli/commands/ by \`npm run docs\`; edit the commands, not this page. -->

\`npx keyreeve COMMAND\` in the project's folder. Commands work through the admin port when a server runs on the data
directory, and on the data directory itself when none does; what they print is the same. They run as the user that owns
the data directory. Tables are for people; programs use \`--json\`. Colours appear on terminals only, and not where
\`NO_COLOR\` is set.

| Exit code | Meaning |
| --- | --- |
| 0 | done |
| 1 | it could not be done, the server is not ready (\`status\`), or a chain is broken (\`audit verify\`), or something is damaged or was not done (\`integrity scan\`, tasks that are waited for) |
| 2 | the command line makes no sense |
`;

/** The reference of all commands, as Markdown. */
export function commandReference(): string {
  const program = commandLine();
  const everywhere = ["Options of every command:", "", ...optionTable(program.options.filter(isGlobal)), ""];
  return [introduction, ...everywhere, ...leaves(program).flatMap(sectionOf)].join("\n");
}

const isGlobal = ({ short }: Option): boolean => short !== "-V";

function sectionOf(command: Command): string[] {
  const words = [...pathOf(command), ...command.registeredArguments.map(argumentText)];
  const table = command.options.length === 0 ? [] : [...optionTable(command.options), ""];
  return [`## keyreeve ${words.join(" ")}`, "", `${sentence(command.description())}`, "", ...table];
}

/** The words that call a command, without the program's own name. */
function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

function argumentText(argument: Argument): string {
  return argument.name().toUpperCase();
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function optionTable(options: readonly Option[]): string[] {
  const rows = options.map(({ flags, description, mandatory, argChoices }) => {
    const choices = argChoices === undefined ? "" : ` (${argChoices.join(", ")})`;
    return `| \`${flags}\` | ${`${description}${choices}`.replaceAll("|", "\\|")}${mandatory ? "; required" : ""} |`;
  });
  return ["| Option | Meaning |", "| --- | --- |", ...rows];
}

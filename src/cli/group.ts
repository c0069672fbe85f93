import { Command } from "commander";

/** A command that only groups others; without one of them it shows its help. */
export function group(name: string, description: string, members: readonly (() => Command)[]): Command {
  const command = new Command(name).description(description).helpCommand(false);
  for (const make of members) command.addCommand(make());
  return command;
}

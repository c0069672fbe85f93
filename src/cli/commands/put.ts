import { Command } from "commander";
import { withAdministration } from "../connect.js";
import { printDestination } from "../destination-output.js";
import { jsonOption } from "../output.js";

interface Options {
  readonly tenant: string;
  readonly destination: string;
  readonly replaces?: string;
  readonly json?: boolean;
}

/** `keyreeve put OBJECT --tenant TENANT --destination DESTINATION` */
export function putCommand(): Command {
  return new Command("put")
    .description("push an object to a destination as soon as it can be reached")
    .argument("<object>", "Unique Identifier of the object")
    .requiredOption("--tenant <tenant>", "its tenant")
    .requiredOption("--destination <destination>", "a destination of the tenant")
    .option("--replaces <object>", "the object that it replaces there")
    .option(...jsonOption)
    .action(async (object: string, { tenant, destination, replaces, json }: Options, command: Command) => {
      const order = { tenant, destination, object, ...(replaces !== undefined && { replaces }) };
      const summary = await withAdministration(command, (administration) => administration.put(order));
      await printDestination(summary, json);
    });
}

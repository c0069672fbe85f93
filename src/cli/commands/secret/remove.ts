import { Command } from "commander";
import { wholeNumber } from "../../numbers.js";
import { jsonOption, printJson, printTable } from "../../output.js";
import { type SecretServerOptions, withSecrets, withServer } from "../../secret-options.js";
import { versionCells, versionHeadings } from "../../secret-output.js";

interface Options extends SecretServerOptions {
  readonly version?: number;
}

/** `keyreeve secret remove NAME` */
export function secretRemoveCommand(): Command {
  return withServer(
    new Command("remove")
      .description("revoke and destroy a secret with all its versions, or one older version; prints what is gone")
      .argument("<name>", "name of the secret")
      .option("--version <number>", "this older version alone", wholeNumber(1, 2 ** 31 - 1)),
  )
    .option(...jsonOption)
    .action(async (name: string, options: Options, command: Command) => {
      const gone = await withSecrets(command, options, (secrets) => secrets.remove(name, options.version));
      if (options.json === true) return printJson(gone);
      return printTable(versionHeadings, gone.map(versionCells), "");
    });
}

import { Command } from "commander";
import { jsonOption, print, printJson, printTable } from "../../output.js";
import { type SecretServerOptions, withSecrets, withServer } from "../../secret-options.js";
import { printVersion, versionCells, versionHeadings } from "../../secret-output.js";

/** `keyreeve secret show NAME` */
export function secretShowCommand(): Command {
  return withServer(
    new Command("show")
      .description("show a secret and its versions, without their values")
      .argument("<name>", "its name"),
  )
    .option(...jsonOption)
    .action(async (name: string, options: SecretServerOptions, command: Command) => {
      const versions = await withSecrets(command, options, (secrets) => secrets.versions(name));
      if (options.json === true) return printJson(versions);
      const [newest] = versions;
      if (newest !== undefined) await printVersion(newest, false);
      await print("\n");
      return printTable(versionHeadings, versions.map(versionCells), "");
    });
}

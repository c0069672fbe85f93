import { Command } from "commander";
import { jsonOption, printJson, printTable } from "../../output.js";
import { type SecretServerOptions, withSecrets, withServer } from "../../secret-options.js";

/** `keyreeve secret list` */
export function secretListCommand(): Command {
  return withServer(new Command("list").description("list the secrets that the client may see, without their values"))
    .option(...jsonOption)
    .action(async (options: SecretServerOptions, command: Command) => {
      const versions = await withSecrets(command, options, (secrets) => secrets.list());
      const listed = versions
        .filter(({ current }) => current)
        .toSorted((one, other) => (one.name ?? "").localeCompare(other.name ?? ""))
        .map((newest) => ({ ...newest, versions: versions.filter(({ name }) => name === newest.name).length }));
      if (options.json === true) return printJson(listed);
      const rows = listed.map((each) => [
        each.name,
        each.version,
        each.versions,
        each.state.toLowerCase(),
        each.created,
        each.id,
      ]);
      return printTable(["NAME", "VERSION", "VERSIONS KEPT", "STATE", "CREATED", "IDENTIFIER"], rows, "no secrets");
    });
}

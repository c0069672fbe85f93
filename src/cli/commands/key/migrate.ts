import { Command, Option } from "commander";
import type { MigrationRequest } from "#src/administration/tasks.js";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { followTask, waitOption } from "../../task-output.js";

interface Options {
  readonly object: readonly string[];
  readonly all?: boolean;
  readonly from?: MigrationRequest["to"];
  readonly type?: NonNullable<MigrationRequest["type"]>;
  readonly to: MigrationRequest["to"];
  readonly wait?: boolean;
  readonly json?: boolean;
}

const custodies = ["wrapped", "token", "software"];

/** `keyreeve key migrate TENANT` */
export function keyMigrateCommand(): Command {
  return new Command("migrate")
    .description(
      "move keys from one custody to another, in the background, where their attributes and the token allow it; " +
        "what is left as it was is reported with the reason",
    )
    .argument("<tenant>", "name of the tenant")
    .option("--object <id>", "Unique Identifier of a key; may be given several times", collect, [])
    .option("--all", "all keys, or all that --from and --type name")
    .addOption(new Option("--from <custody>", "only keys in this custody").choices(custodies))
    .addOption(new Option("--type <type>", "only keys of this type").choices(["symmetric-key", "private-key"]))
    .addOption(new Option("--to <custody>", "where the keys shall live").choices(custodies).makeOptionMandatory())
    .option(...waitOption)
    .option(...jsonOption)
    .action(async (tenant: string, { object, all = false, from, type, to, ...options }: Options, command: Command) => {
      if (all === object.length > 0) command.error("error: give either --object or --all");
      if (!all && (from !== undefined || type !== undefined)) {
        command.error("error: --from and --type go with --all");
      }
      const request: MigrationRequest = {
        tenant,
        to,
        ...(all ? {} : { objects: object }),
        ...(from !== undefined && { from }),
        ...(type !== undefined && { type }),
      };
      await withAdministration(command, async (administration) => {
        await followTask(administration, await administration.migrateKeys(request), options);
      });
    });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

import { Command, Option } from "commander";
import type { ProfileName } from "#src/access/client-profiles.js";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { profileName } from "../../profile-name.js";
import { type QuotaOptions, quotaChangeOf, withQuotaOptions } from "../../quota-options.js";
import { printTenant } from "../../tenant-output.js";

interface Options extends QuotaOptions {
  readonly interoperabilityTests?: "on" | "off";
  readonly software?: "on" | "off";
  /** Name, or false for `--no-profile`. */
  readonly profile?: ProfileName | false;
  readonly json?: boolean;
}

/** `keyreeve tenant set NAME` */
export function tenantSetCommand(): Command {
  return withQuotaOptions(new Command("set"))
    .description("set what a tenant does, from its next request on")
    .argument("<name>", "name of the tenant")
    .addOption(
      new Option("--interoperability-tests <state>", "perform the operation Interop; not for production").choices([
        "on",
        "off",
      ]),
    )
    .addOption(
      new Option("--software <state>", "use its keys in software where the token lacks the mechanism").choices([
        "on",
        "off",
      ]),
    )
    .option("--profile <name>", "client profile of its clients that have none of their own", profileName)
    .option("--no-profile", "no client profile any more")
    .option(...jsonOption)
    .action(async (name: string, options: Options, command: Command) => {
      const { interoperabilityTests, software, profile, json } = options;
      const quota = quotaChangeOf(options);
      const configuration = {
        ...(interoperabilityTests === undefined ? {} : { interoperabilityTests: interoperabilityTests === "on" }),
        ...(software === undefined ? {} : { softwareCryptography: software === "on" }),
        ...(profile === undefined ? {} : { profile: profile || null }),
        ...(quota === undefined ? {} : { quota }),
      };
      if (Object.keys(configuration).length === 0) command.error("error: nothing is to be set");
      const tenant = await withAdministration(command, (administration) =>
        administration.configureTenant(name, configuration),
      );
      await printTenant(tenant, json);
    });
}

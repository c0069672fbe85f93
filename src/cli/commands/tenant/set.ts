import { Command, Option } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { printTenant } from "../../tenant-output.js";

interface Options {
  readonly interoperabilityTests?: "on" | "off";
  readonly software?: "on" | "off";
  readonly json?: boolean;
}

/** `keyreeve tenant set NAME` */
export function tenantSetCommand(): Command {
  return new Command("set")
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
    .option(...jsonOption)
    .action(async (name: string, { interoperabilityTests, software, json }: Options, command: Command) => {
      const configuration = {
        ...(interoperabilityTests === undefined ? {} : { interoperabilityTests: interoperabilityTests === "on" }),
        ...(software === undefined ? {} : { softwareCryptography: software === "on" }),
      };
      if (Object.keys(configuration).length === 0) command.error("error: nothing is to be set");
      const tenant = await withAdministration(command, (administration) =>
        administration.configureTenant(name, configuration),
      );
      await printTenant(tenant, json);
    });
}

import { Command, Option } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { printTenant } from "../../tenant-output.js";

interface Options {
  readonly interoperabilityTests?: "on" | "off";
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
    .option(...jsonOption)
    .action(async (name: string, { interoperabilityTests, json }: Options, command: Command) => {
      if (interoperabilityTests === undefined) command.error("error: nothing is to be set");
      const configuration = { interoperabilityTests: interoperabilityTests === "on" };
      const tenant = await withAdministration(command, (administration) =>
        administration.configureTenant(name, configuration),
      );
      await printTenant(tenant, json);
    });
}

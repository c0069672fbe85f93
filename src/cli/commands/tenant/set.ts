import { Command, Option } from "commander";
import type { ProfileName } from "#src/access/client-profiles.js";
import { withAdministration } from "../../connect.js";
import { wholeNumber } from "../../numbers.js";
import { jsonOption } from "../../output.js";
import { profileName } from "../../profile-name.js";
import { type QuotaOptions, quotaChangeOf, withQuotaOptions } from "../../quota-options.js";
import { printTenant } from "../../tenant-output.js";

interface Options extends QuotaOptions {
  readonly interoperabilityTests?: "on" | "off";
  readonly software?: "on" | "off";
  readonly pkcs1Decryptions?: number;
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
    .option(
      "--pkcs1-decryptions <count>",
      "RSA decryptions with PKCS#1 v1.5 padding that a key may do in an hour; 0: none, as by default",
      wholeNumber(0, 1_000_000_000),
    )
    .option("--profile <name>", "client profile of its clients that have none of their own", profileName)
    .option("--no-profile", "no client profile any more")
    .option(...jsonOption)
    .action(async (name: string, options: Options, command: Command) => {
      const { interoperabilityTests, software, pkcs1Decryptions, profile, json } = options;
      const quota = quotaChangeOf(options);
      const configuration = {
        ...(interoperabilityTests === undefined ? {} : { interoperabilityTests: interoperabilityTests === "on" }),
        ...(software === undefined ? {} : { softwareCryptography: software === "on" }),
        ...(pkcs1Decryptions === undefined ? {} : { pkcs1Decryptions }),
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

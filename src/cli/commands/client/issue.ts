import { Command } from "commander";
import type { ProfileName } from "#src/access/client-profiles.js";
import { type Permission, usualPermissions } from "#src/access/permissions.js";
import { clientFacts } from "../../client-output.js";
import { withAdministration } from "../../connect.js";
import { wholeNumber } from "../../numbers.js";
import { jsonOption, printFacts, printJson } from "../../output.js";
import { permissionList } from "../../permission-list.js";
import { profileName } from "../../profile-name.js";

interface Options {
  readonly tenant: string;
  readonly days?: number;
  readonly permissions?: readonly Permission[];
  readonly profile?: ProfileName;
  readonly json?: boolean;
}

/** `keyreeve client issue NAME --tenant TENANT` */
export function clientIssueCommand(): Command {
  return new Command("issue")
    .description("register a client with a new certificate and write its files to clients/TENANT/NAME in the home")
    .argument("<name>", "name of the client")
    .requiredOption("--tenant <tenant>", "its tenant")
    .option("--days <days>", "how long the certificate is valid (default: 825)", wholeNumber(1, 3650))
    .option(
      "--permissions <list>",
      `what it may do, separated by commas (default: ${usualPermissions.join(",")})`,
      permissionList,
    )
    .option("--profile <name>", "its client profile, as docs/clients/profiles.md lists them", profileName)
    .option(...jsonOption)
    .action(async (name: string, { tenant, days, permissions, profile, json }: Options, command: Command) => {
      const request = {
        name,
        tenant,
        ...(days === undefined ? {} : { days }),
        ...(permissions === undefined ? {} : { permissions }),
        ...(profile === undefined ? {} : { profile }),
      };
      const client = await withAdministration(command, (administration) => administration.issueClient(request));
      if (json) return printJson(client);
      return printFacts([...clientFacts(client), ["Files", client.folder]]);
    });
}

import { Command } from "commander";
import type { ProfileName } from "#src/access/client-profiles.js";
import { type Permission, usualPermissions } from "#src/access/permissions.js";
import { type ClientFilesOptions, moveFiles, wishesOf, withClientFilesOptions } from "../../client-files-options.js";
import { clientFacts } from "../../client-output.js";
import { withAdministration } from "../../connect.js";
import { wholeNumber } from "../../numbers.js";
import { jsonOption, printFacts, printJson } from "../../output.js";
import { permissionList } from "../../permission-list.js";
import { profileName } from "../../profile-name.js";

interface Options extends ClientFilesOptions {
  readonly tenant: string;
  readonly days?: number;
  readonly permissions?: readonly Permission[];
  readonly profile?: ProfileName;
  readonly output?: string;
  readonly json?: boolean;
}

/** `keyreeve client issue NAME --tenant TENANT` */
export function clientIssueCommand(): Command {
  const command = new Command("issue")
    .description("register a client with a new certificate and write its files to clients/TENANT/NAME in the home")
    .argument("<name>", "name of the client")
    .requiredOption("--tenant <tenant>", "its tenant")
    .option("--days <days>", "how long the certificate is valid (default: 825)", wholeNumber(1, 3650))
    .option(
      "--permissions <list>",
      `what it may do, separated by commas (default: ${usualPermissions.join(",")})`,
      permissionList,
    )
    .option("--profile <name>", "its client profile, as docs/clients/profiles.md lists them", profileName);
  return withClientFilesOptions(command)
    .option("--output <folder>", "put its files there, not in clients/TENANT/NAME in the home")
    .option(...jsonOption)
    .action(async (name: string, options: Options) => {
      const { tenant, days, permissions, profile, output, json } = options;
      const request = {
        name,
        tenant,
        ...(await wishesOf(options, command)),
        ...(days === undefined ? {} : { days }),
        ...(permissions === undefined ? {} : { permissions }),
        ...(profile === undefined ? {} : { profile }),
      };
      const client = await withAdministration(command, (administration) => administration.issueClient(request));
      const folder = output === undefined ? client.folder : await moveFiles(client.folder, output);
      if (json) return printJson({ ...client, folder });
      return printFacts([...clientFacts(client), ["Files", folder]]);
    });
}

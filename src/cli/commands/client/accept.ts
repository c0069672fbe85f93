import { Command } from "commander";
import type { ProfileName } from "#src/access/client-profiles.js";
import { type Permission, usualPermissions } from "#src/access/permissions.js";
import { clientFacts } from "../../client-output.js";
import { withAdministration } from "../../connect.js";
import { jsonOption, printFacts, printJson } from "../../output.js";
import { permissionList } from "../../permission-list.js";
import { profileName } from "../../profile-name.js";

interface Options {
  readonly tenant: string;
  readonly name?: string;
  readonly existing?: boolean;
  readonly permissions?: readonly Permission[];
  readonly profile?: ProfileName;
  readonly json?: boolean;
}

/** `keyreeve client accept FINGERPRINT --tenant TENANT` */
export function clientAcceptCommand(): Command {
  return new Command("accept")
    .description("register a waiting certificate as a client; compare the fingerprint with the client's own first")
    .argument("<fingerprint>", "SHA-256 of the certificate, or its first 8 digits and more")
    .requiredOption("--tenant <tenant>", "the tenant it is to be a client of")
    .option("--name <name>", "name of the client (default: what its authority's rule or its CN says)")
    .option("--existing", "the client exists and gets this certificate besides its own")
    .option(
      "--permissions <list>",
      `what it may do, separated by commas (default: ${usualPermissions.join(",")})`,
      permissionList,
    )
    .option("--profile <name>", "its client profile, as docs/clients/profiles.md lists them", profileName)
    .option(...jsonOption)
    .action(async (fingerprint: string, { json, ...options }: Options, command: Command) => {
      const request = { ...options, fingerprint };
      const client = await withAdministration(command, ({ firstContact }) => firstContact.accept(request));
      return json ? printJson(client) : printFacts(clientFacts(client));
    });
}

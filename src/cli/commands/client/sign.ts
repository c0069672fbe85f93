import { Command } from "commander";
import type { ProfileName } from "#src/access/client-profiles.js";
import { type Permission, usualPermissions } from "#src/access/permissions.js";
import { moveFiles } from "../../client-files-options.js";
import { clientFacts } from "../../client-output.js";
import { withAdministration } from "../../connect.js";
import { wholeNumber } from "../../numbers.js";
import { jsonOption, printFacts, printJson } from "../../output.js";
import { permissionList } from "../../permission-list.js";
import { profileName } from "../../profile-name.js";
import { readRequestFile } from "../../request-file.js";

interface Options {
  readonly csr: string;
  readonly tenant: string;
  readonly days?: number;
  readonly permissions?: readonly Permission[];
  readonly profile?: ProfileName;
  readonly keepSubject?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

/** `keyreeve client sign --csr FILE --tenant TENANT [NAME]` */
export function clientSignCommand(): Command {
  return new Command("sign")
    .description("register a client with a certificate over the key of its own certificate request")
    .argument("[name]", "name of the client (default: the CN of the request)")
    .requiredOption("--csr <file>", "the request: PKCS#10, PEM or DER")
    .requiredOption("--tenant <tenant>", "its tenant")
    .option("--days <days>", "how long the certificate is valid (default: 825)", wholeNumber(1, 3650))
    .option("--keep-subject", "take the subject of the request over, instead of CN=NAME,O=TENANT")
    .option(
      "--permissions <list>",
      `what it may do, separated by commas (default: ${usualPermissions.join(",")})`,
      permissionList,
    )
    .option("--profile <name>", "its client profile, as docs/clients/profiles.md lists them", profileName)
    .option("--output <folder>", "put its files there, not in clients/TENANT/NAME in the home")
    .option(...jsonOption)
    .action(async (name: string | undefined, options: Options, command: Command) => {
      const { csr, tenant, days, permissions, profile, keepSubject, output, json } = options;
      const request = {
        tenant,
        request: await readRequestFile(csr),
        ...(name !== undefined && { name }),
        ...(days !== undefined && { days }),
        ...(permissions !== undefined && { permissions }),
        ...(profile !== undefined && { profile }),
        ...(keepSubject && { keepSubject }),
      };
      const signed = await withAdministration(command, ({ firstContact }) => firstContact.sign(request));
      const folder = output === undefined ? signed.folder : await moveFiles(signed.folder, output);
      if (json) return printJson({ ...signed, folder });
      return printFacts([...clientFacts(signed), ["Files", folder]]);
    });
}

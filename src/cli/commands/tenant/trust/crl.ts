import { Command } from "commander";
import { withAdministration } from "../../../connect.js";
import { jsonOption } from "../../../output.js";
import { readPemFile } from "../../../pem-file.js";
import { printTrust } from "../../../trust-output.js";

interface Options {
  readonly tenant: string;
  readonly remove?: boolean;
  readonly json?: boolean;
}

/** `keyreeve tenant trust crl NAME [FILE] --tenant TENANT` */
export function trustCrlCommand(): Command {
  return new Command("crl")
    .description("take a newer revocation list of a trusted authority, in effect at once, on open connections too")
    .argument("<name>", "name of the authority")
    .argument("[file]", "the revocation list, PEM or DER")
    .requiredOption("--tenant <tenant>", "the tenant")
    .option("--remove", "look at revocations no more")
    .option(...jsonOption)
    .action(async (name: string, file: string | undefined, options: Options, command: Command) => {
      const { tenant, remove, json } = options;
      if ((file === undefined) !== (remove === true)) return command.error("error: give a file, or --remove");
      const lists = file === undefined ? null : await readPemFile(file, "X509 CRL");
      const changed = await withAdministration(command, ({ firstContact }) =>
        firstContact.setRevocationLists({ tenant, name, lists }),
      );
      return printTrust(changed, json);
    });
}

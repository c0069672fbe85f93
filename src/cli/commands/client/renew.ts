import { Command } from "commander";
import { type ClientFilesOptions, moveFiles, wishesOf, withClientFilesOptions } from "../../client-files-options.js";
import { clientFacts } from "../../client-output.js";
import { withAdministration } from "../../connect.js";
import { wholeNumber } from "../../numbers.js";
import { jsonOption, printFacts, printJson } from "../../output.js";
import { readRequestFile } from "../../request-file.js";

interface Options extends ClientFilesOptions {
  readonly tenant: string;
  readonly days?: number;
  readonly csr?: string;
  readonly revokeOld?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

/** `keyreeve client renew NAME --tenant TENANT` */
export function clientRenewCommand(): Command {
  const command = new Command("renew")
    .description("give a client a new certificate; its files take the place of the earlier ones, which go to previous/")
    .argument("<name>", "name of the client")
    .requiredOption("--tenant <tenant>", "its tenant")
    .option("--days <days>", "how long the certificate is valid (default: 825)", wholeNumber(1, 3650))
    .option("--csr <file>", "the client's own certificate request, where it keeps its key to itself")
    .option("--revoke-old", "refuse the earlier certificates at once, on open connections too");
  return withClientFilesOptions(command)
    .option("--output <folder>", "put the files there, not in clients/TENANT/NAME in the home")
    .option(...jsonOption)
    .action(async (name: string, options: Options) => {
      const { tenant, days, csr, revokeOld, output, json } = options;
      const request = {
        tenant,
        name,
        ...(await wishesOf(options, command)),
        ...(days !== undefined && { days }),
        ...(csr !== undefined && { request: await readRequestFile(csr) }),
        ...(revokeOld && { revokeOld }),
      };
      const renewed = await withAdministration(command, ({ firstContact }) => firstContact.renew(request));
      const folder = output === undefined ? renewed.folder : await moveFiles(renewed.folder, output);
      if (json) return printJson({ ...renewed, folder });
      return printFacts([...clientFacts(renewed), ["Files", folder]]);
    });
}

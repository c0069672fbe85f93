import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption, print, printJson } from "../../output.js";

/** `keyreeve client reject FINGERPRINT` */
export function clientRejectCommand(): Command {
  return new Command("reject")
    .description("have a certificate that waits not be listed any more; it can still be accepted")
    .argument("<fingerprint>", "SHA-256 of the certificate, or its first 8 digits and more")
    .option(...jsonOption)
    .action(async (fingerprint: string, { json }: { readonly json?: boolean }, command: Command) => {
      const rejected = await withAdministration(command, ({ firstContact }) => firstContact.reject(fingerprint));
      return json ? printJson(rejected) : print(`${rejected.fingerprint} is rejected.\n`);
    });
}

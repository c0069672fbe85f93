import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption, print, printFacts, printJson, printTable } from "../../output.js";

/** `keyreeve hsm info`: module, token and mechanisms. */
export function hsmInfoCommand(): Command {
  return new Command("info")
    .description("show the PKCS#11 module, the token and its mechanisms")
    .option("--tenant <name>", "of this tenant's partition instead of the server's own")
    .option(...jsonOption)
    .action(async ({ tenant, json }: { readonly tenant?: string; readonly json?: boolean }, command: Command) => {
      const information = await withAdministration(command, (administration) => administration.hsm(tenant));
      if (json) return printJson(information);
      await printFacts([
        ["Partition", information.partition],
        ["Module", information.module],
        ["Description", information.moduleDescription],
        ["Manufacturer", information.manufacturer],
        ["Library version", information.libraryVersion],
        ["PKCS#11 version", information.cryptokiVersion],
        ["Token label", information.tokenLabel],
        ["Token serial", information.tokenSerial],
        ["Token model", information.tokenModel],
        ["Profile", information.profile],
      ]);
      await print("\n");
      const rows = information.mechanisms.map(({ name, minimumKeySize, maximumKeySize, flags }) => [
        name,
        minimumKeySize,
        maximumKeySize,
        flags.join(" "),
      ]);
      await printTable(["MECHANISM", "MIN KEY", "MAX KEY", "DOES"], rows, "The token has no mechanisms.");
    });
}

import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption, print, printJson } from "../../output.js";

/** `keyreeve tenant ca NAME` */
export function tenantCaCommand(): Command {
  return new Command("ca")
    .description("print the certificates of a tenant's certification authority as PEM, the one that issues first")
    .argument("<name>", "name of the tenant")
    .option(...jsonOption)
    .action(async (name: string, { json }: { readonly json?: boolean }, command: Command) => {
      const authorities = await withAdministration(command, (administration) => administration.tenantAuthorities(name));
      if (json) return printJson(authorities);
      for (const { pem } of authorities) await print(pem);
    });
}

import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption, printJson, printTable } from "../../output.js";

/** `keyreeve tenant list` */
export function tenantListCommand(): Command {
  return new Command("list")
    .description("list all tenants")
    .option(...jsonOption)
    .action(async ({ json }: { readonly json?: boolean }, command: Command) => {
      const tenants = await withAdministration(command, (administration) => administration.listTenants());
      if (json) return printJson(tenants);
      const rows = tenants.map(({ name, state, custody, tokenLabel, createdAt }) => [
        name,
        state,
        custody,
        tokenLabel,
        createdAt,
      ]);
      return printTable(["NAME", "STATE", "CUSTODY", "TOKEN", "CREATED"], rows, "There are no tenants.");
    });
}

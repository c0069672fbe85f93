import { Command } from "commander";
import { withAdministration } from "../../../connect.js";
import { jsonOption, printJson, printTable } from "../../../output.js";
import { rulesText } from "../../../trust-output.js";

/** `keyreeve tenant trust list --tenant TENANT` */
export function trustListCommand(): Command {
  return new Command("list")
    .description("list the authorities that a tenant trusts")
    .requiredOption("--tenant <tenant>", "the tenant")
    .option(...jsonOption)
    .action(async ({ tenant, json }: { readonly tenant: string; readonly json?: boolean }, command: Command) => {
      const listed = await withAdministration(command, ({ firstContact }) => firstContact.listTrust(tenant));
      if (json) return printJson(listed);
      const rows = listed.map(({ name, certificates, rules, autoRegister, revocationLists }) => [
        name,
        certificates[0]?.subject ?? null,
        certificates[0]?.notAfter.slice(0, 10) ?? null,
        rulesText(rules),
        autoRegister ? "registered" : "wait",
        revocationLists.map(({ nextUpdate }) => nextUpdate ?? "(not said)").join(" "),
      ]);
      const header = ["NAME", "AUTHORITY", "VALID UNTIL", "RULES", "CLIENTS", "NEXT REVOCATION LIST"];
      return printTable(header, rows, "The tenant trusts no authority besides this server's own.");
    });
}

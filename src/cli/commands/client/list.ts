import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption, printJson, printTable } from "../../output.js";

/** `keyreeve client list` */
export function clientListCommand(): Command {
  return new Command("list")
    .description("list clients and until when their certificates are valid")
    .option("--tenant <tenant>", "only the clients of this tenant")
    .option(...jsonOption)
    .action(async ({ tenant, json }: { readonly tenant?: string; readonly json?: boolean }, command: Command) => {
      const clients = await withAdministration(command, (administration) => administration.listClients(tenant));
      if (json) return printJson(clients);
      const rows = clients.map((client) => [
        client.tenant,
        client.name,
        client.state,
        client.profile ?? "-",
        client.certificates.map(({ notAfter }) => notAfter.slice(0, 10)).join(" "),
        client.createdAt,
      ]);
      return printTable(
        ["TENANT", "NAME", "STATE", "PROFILE", "VALID UNTIL", "CREATED"],
        rows,
        "There are no clients.",
      );
    });
}

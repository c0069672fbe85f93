import { Command } from "commander";
import { withAdministration } from "../../../connect.js";
import { jsonOption, printJson, printTable } from "../../../output.js";

/** `keyreeve tenant destination list --tenant TENANT` */
export function destinationListCommand(): Command {
  return new Command("list")
    .description("list the destinations of a tenant, what waits for them, and why they are not reached")
    .requiredOption("--tenant <tenant>", "the tenant")
    .option(...jsonOption)
    .action(async ({ tenant, json }: { readonly tenant: string; readonly json?: boolean }, command: Command) => {
      const listed = await withAdministration(command, (administration) => administration.listDestinations(tenant));
      if (json) return printJson(listed);
      const rows = listed.map((destination) => [
        destination.name,
        destination.address ?? `client ${destination.client ?? "(gone)"}`,
        destination.subscribe.join(", "),
        String(destination.waiting),
        destination.lastDeliveredAt ?? "never",
        destination.lastError ?? "",
      ]);
      const header = ["NAME", "WHERE", "NOTICES OF", "WAITING", "LAST DELIVERED", "LAST ERROR"];
      return printTable(header, rows, "There are no destinations.");
    });
}

import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption, printJson, printTable } from "../../output.js";

/** `keyreeve trace list` */
export function traceListCommand(): Command {
  return new Command("list")
    .description("list traces, the newest first")
    .option(...jsonOption)
    .action(async ({ json }: { readonly json?: boolean }, command: Command) => {
      const traces = await withAdministration(command, (administration) => administration.traces.list());
      if (json === true) return printJson(traces);
      const rows = traces.map(({ id, tenant, client, until, ended, bytes }) => [
        id,
        tenant,
        client ?? "(all)",
        until,
        bytes,
        ended ?? "running",
      ]);
      return printTable(["TRACE", "TENANT", "CLIENT", "UNTIL", "BYTES", "STATE"], rows, "There are no traces.");
    });
}

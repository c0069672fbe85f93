import { Command } from "commander";
import type { AuditListing } from "#src/administration/administration.js";
import { withAdministration } from "../../connect.js";
import { wholeNumber } from "../../numbers.js";
import { jsonOption, printJson, printTable } from "../../output.js";

/** `keyreeve audit list` */
export function auditListCommand(): Command {
  return new Command("list")
    .description("list rows of the audit trail, newest first")
    .option("--tenant <tenant>", "only of this tenant; `server` for what belongs to none")
    .option("--operation <operation>", 'only of this operation, such as Create or "Suspend Tenant"')
    .option("--object <identifier>", "only of this managed object")
    .option("--client <client>", "only of this client, by name or identifier")
    .option("--outcome <outcome>", "only with this outcome: success, failure, undone or intent")
    .option("--events", "only events of which an operator must hear; the reason names the kind")
    .option("--since <time>", "not before: a time such as 2026-01-31T08:00Z, or how long ago: 30m, 12h, 7d")
    .option("--until <time>", "not after; as --since")
    .option("--limit <rows>", "at most so many rows (default: 100)", wholeNumber(1, 10_000))
    .option(...jsonOption)
    .action(async ({ json, ...listing }: AuditListing & { readonly json?: boolean }, command: Command) => {
      const rows = await withAdministration(command, (administration) => administration.listAudit(listing));
      if (json) return printJson(rows);
      return printTable(
        ["TIME", "TENANT", "CLIENT", "OPERATION", "OBJECT", "OUTCOME", "REASON"],
        rows.map(({ time, tenant, clientName, operation, objectId, outcome, resultReason }) => [
          time,
          tenant,
          clientName,
          operation,
          objectId,
          outcome,
          resultReason,
        ]),
        "There are no such rows.",
      );
    });
}

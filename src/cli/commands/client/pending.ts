import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption, printJson, printTable } from "../../output.js";

/** `keyreeve client pending` */
export function clientPendingCommand(): Command {
  return new Command("pending")
    .description("list unknown certificates that clients have shown, and that wait to be accepted")
    .option("--rejected", "those that were rejected, too")
    .option(...jsonOption)
    .action(async (options: { readonly rejected?: boolean; readonly json?: boolean }, command: Command) => {
      const waiting = await withAdministration(command, ({ firstContact }) => firstContact.pending(options.rejected));
      if (options.json) return printJson(waiting);
      const rows = waiting.map((each) => [
        each.fingerprint,
        each.subject,
        each.issuer === each.subject ? "(itself)" : each.issuer,
        each.notAfter.slice(0, 10),
        each.address,
        `${each.count}, last ${each.lastSeen}`,
        each.authority,
        each.state === "rejected" ? "rejected" : each.note,
      ]);
      const header = ["FINGERPRINT", "SUBJECT", "ISSUER", "VALID UNTIL", "FROM", "SEEN", "AUTHORITY", "NOTE"];
      return printTable(header, rows, "No certificate waits.");
    });
}

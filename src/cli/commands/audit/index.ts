import type { Command } from "commander";
import { group } from "../../group.js";
import { auditExportCommand } from "./export.js";
import { auditListCommand } from "./list.js";
import { auditVerifyCommand } from "./verify.js";

/** `keyreeve audit …` */
export function auditCommand(): Command {
  return group("audit", "read, verify and export the audit trail", [
    auditListCommand,
    auditVerifyCommand,
    auditExportCommand,
  ]);
}

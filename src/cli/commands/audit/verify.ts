import { Command } from "commander";
import type { ChainFinding } from "#src/administration/administration.js";
import { withAdministration } from "../../connect.js";
import { exitCodes } from "../../exit-codes.js";
import { jsonOption, print, printJson } from "../../output.js";

type Fault = NonNullable<ChainFinding["fault"]>;

/** What each fault means. */
const faults: Readonly<Record<Fault["kind"], string>> = {
  changed: "was changed after it was written",
  removed: "is missing, although later rows are there",
  unlinked: "does not follow the row before it: rows were put in another order or replaced",
  rewritten: "is not what a signed checkpoint recorded: it, or rows before it, were written anew",
  cut: "and all rows after it are missing, although a signed checkpoint recorded them",
  "forged checkpoint": "has a checkpoint whose signature is not the server's",
};

/** `keyreeve audit verify`: exit code 1 where a chain is broken. */
export function auditVerifyCommand(): Command {
  return new Command("verify")
    .description("verify every chain of the audit trail; exit code 1 and the first bad row where one is broken")
    .option("--tenant <tenant>", "only of this tenant; `server` for what belongs to none")
    .option(...jsonOption)
    .action(async ({ tenant, json }: { readonly tenant?: string; readonly json?: boolean }, command: Command) => {
      const findings: ChainFinding[] = [];
      await withAdministration(command, async (administration) => {
        for await (const finding of administration.verifyAudit(tenant)) {
          findings.push(finding);
          if (!json) await print(sentence(finding));
        }
      });
      const broken = findings.filter(({ fault }) => fault !== null);
      if (broken.length > 0) process.exitCode = exitCodes.failed;
      if (json) return printJson(findings);
      return print(conclusion(findings.length, broken.length));
    });
}

function sentence({ tenant, nodeId, rows, checkpoints, fault }: ChainFinding): string {
  const chain = `${tenant} (node ${nodeId}): ${count(rows, "row")} whole, ${count(checkpoints, "signed checkpoint")}`;
  return fault === null ? `${chain}\n` : `${chain}\n  BROKEN: row ${fault.sequence} ${faults[fault.kind]}\n`;
}

function conclusion(chains: number, broken: number): string {
  if (broken > 0) return `${broken} of ${count(chains, "chain")} broken\n`;
  return chains === 1 ? "the chain is whole\n" : `the chain is whole (${count(chains, "chain")})\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

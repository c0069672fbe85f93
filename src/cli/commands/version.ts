import { Command } from "commander";
import { jsonOption, printFacts, printJson } from "../output.js";

/** `keyreeve version`: which software this is; asks no server. */
export function versionCommand(): Command {
  return new Command("version")
    .description("show the version of this software and what it speaks")
    .option(...jsonOption)
    .action(async ({ json }: { readonly json?: boolean }) => {
      const { versionInformation } = await import("#src/administration/software-version.js");
      const information = versionInformation();
      if (json) return printJson(information);
      const { version, node, kmip } = information;
      return printFacts([
        ["Keyreeve", version],
        ["Node.js", node],
        ["KMIP", kmip.join(", ")],
      ]);
    });
}

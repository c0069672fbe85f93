import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { print } from "../../output.js";

/** `keyreeve trace show TRACE` */
export function traceShowCommand(): Command {
  return new Command("show")
    .description("print what was recorded, as a transcript that keyreeve replay plays")
    .argument("<trace>", "identifier of the trace")
    .action((id: string, _options: object, command: Command) =>
      withAdministration(command, async (administration) => {
        for await (const piece of administration.traces.read(id)) await print(piece);
      }),
    );
}

import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { printTrace } from "../../trace-output.js";

/** `keyreeve trace stop TRACE` */
export function traceStopCommand(): Command {
  return new Command("stop")
    .description("end a trace that runs")
    .argument("<trace>", "identifier of the trace")
    .option(...jsonOption)
    .action(async (id: string, { json }: { readonly json?: boolean }, command: Command) => {
      const trace = await withAdministration(command, (administration) => administration.traces.stop(id));
      await printTrace(trace, json);
    });
}

import { Command } from "commander";
import { connectionGuide } from "../connection-guide.js";
import { configurationOf, tellProgress } from "../settings.js";

/** `keyreeve init`: everything a first run makes, without serving. */
export function initCommand(): Command {
  return new Command("init")
    .description("make the data directory with its root partition, authorities, first tenant and client")
    .action(async (_options: unknown, command: Command) => {
      const configuration = await configurationOf(command);
      const [{ openRuntime }, { createLog }, { createMetrics }] = await Promise.all([
        import("#src/administration/runtime.js"),
        import("#src/telemetry/log.js"),
        import("#src/telemetry/metrics.js"),
      ]);
      const log = createLog(configuration.log);
      const metrics = createMetrics({ process: false });
      const runtime = await openRuntime({ configuration, log, metrics, progress: tellProgress });
      await runtime.close();
      process.stdout.write(`The data directory ${configuration.home} is ready.\n\n`);
      const { port: kmipPort, https } = configuration.kmip;
      const httpsPort = https.enabled ? https.port : null;
      process.stdout.write(connectionGuide(configuration.home, { kmipPort, httpsPort }));
    });
}

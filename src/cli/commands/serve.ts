import { Command } from "commander";
import type { RunningServer } from "#src/main.js";
import type { Log } from "#src/telemetry/log.js";
import { connectionGuide } from "../connection-guide.js";
import { exitCodes } from "../exit-codes.js";
import { configurationOf, tellProgress } from "../settings.js";

/** The line that says, on standard output, that connections are accepted. */
const readyLine = "keyreeve is ready\n";

/** `keyreeve serve`: serves in the foreground until it is told to stop. */
export function serveCommand(): Command {
  return new Command("serve")
    .description("serve KMIP and the admin port in the foreground; the first run makes the data directory")
    .addHelpText(
      "after",
      "\nSIGTERM or SIGINT: finish accepted requests and stop; a second one stops at once.\n" +
        "SIGHUP: read the certificate files again for new connections.",
    )
    .option("--workers <number>", "server processes that serve KMIP, or `auto` for one for each processor core")
    .action(async ({ workers }: { readonly workers?: string }, command: Command) => {
      const configuration = await configurationOf(command, workers === undefined ? {} : { KEYREEVE_WORKERS: workers });
      const [{ startServer }, { createLog }, { createMetrics }] = await Promise.all([
        import("#src/main.js"),
        import("#src/telemetry/log.js"),
        import("#src/telemetry/metrics.js"),
      ]);
      const log = createLog(configuration.log);
      const stopAsked = stopSignal(log);
      endOnFaults(log);
      const server = await startServer({ configuration, log, metrics: createMetrics(), progress: tellProgress });
      process.on("SIGHUP", () => reload(server, log));
      process.stderr.write(`\n${connectionGuide(server.home, server)}`);
      const { kmipPort, httpsPort, home } = server;
      log.info({ kmipPort, httpsPort, home }, "accepting connections");
      process.stdout.write(readyLine);
      const signal = await stopAsked;
      log.info({ signal }, "stopping: finishing accepted requests");
      await server.stop();
      log.info({}, "stopped");
    });
}

/** Settles at the first signal to stop, which may come while the server still starts; the second ends the process. */
function stopSignal(log: Log): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: string): void => {
      if (asked) {
        log.warn({ signal }, "asked to stop a second time: stopping at once");
        process.exit(exitCodes.failed);
      }
      asked = true;
      resolve(signal);
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  });
}

/** A fault nobody handles leaves the process in an unknown state: it is logged, and the process ends to be restarted. */
function endOnFaults(log: Log): void {
  process.on("uncaughtException", (error, origin) => {
    log.fatal({ error, origin }, "a fault that nothing handled: the server ends");
    process.exit(exitCodes.failed);
  });
}

function reload(server: RunningServer, log: Log): void {
  server.reload().then(
    () => log.info({}, "certificates read again"),
    (error: unknown) => log.error({ error }, "certificates could not be read again; those before stay in use"),
  );
}

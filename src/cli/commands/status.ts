import { Command } from "commander";
import type { ListenerStatus, ProcessStatus } from "#src/administration/administration.js";
import type { TraceSummary } from "#src/administration/traces/trace.js";
import { withAdministration } from "../connect.js";
import { exitCodes } from "../exit-codes.js";
import { jsonOption, print, printFacts, printJson, printTable } from "../output.js";

/** `keyreeve status`: how the server is doing. */
export function statusCommand(): Command {
  return new Command("status")
    .description("show whether the server runs and is well; exit code 1 where it is not ready to serve")
    .option(...jsonOption)
    .action(async ({ json }: { readonly json?: boolean }, command: Command) => {
      const status = await withAdministration(command, (administration) => administration.status());
      if (!status.ready) process.exitCode = exitCodes.failed;
      if (json) return printJson(status);
      const { running, ready, version, nodeId, home, database, startedAt, kmipPort, httpsPort, connections } = status;
      const { tenants, parts, processes, listeners, traces } = status;
      await printFacts([
        ["Server", running ? (ready ? "running and ready" : "running, not ready") : "not running"],
        ["Version", version],
        ["Node", nodeId],
        ["Data directory", home],
        ["Database", database],
        ["Tenants", tenants],
        ["Started", startedAt],
        ["KMIP port", kmipPort],
        ["HTTPS port", httpsPort],
        ["Connections", connections],
      ]);
      await printTraces(traces);
      await printListeners(listeners);
      await printProcesses(processes);
      if (parts.length === 0) return;
      await print("\n");
      const rows = parts.map(({ name, healthy, reason }) => [name, healthy ? "well" : "broken", reason]);
      await printTable(["PART", "STATE", "REASON"], rows, "");
    });
}

async function printTraces(traces: readonly TraceSummary[]): Promise<void> {
  if (traces.length === 0) return;
  await print("\nWhat clients send and receive is being recorded:\n");
  const rows = traces.map(({ id, tenant, client, until, bytes }) => [id, tenant, client ?? "(all)", until, bytes]);
  await printTable(["TRACE", "TENANT", "CLIENT", "UNTIL", "BYTES"], rows, "");
}

async function printListeners(listeners: readonly ListenerStatus[]): Promise<void> {
  if (listeners.length === 0) return;
  await print("\n");
  const rows = listeners.map(({ name, port, tls, clientCertificate, profile, tenant }) => [
    name,
    port,
    tls === "legacy" ? "legacy (weak)" : tls,
    clientCertificate,
    profile ?? "-",
    tenant ?? "any",
  ]);
  await printTable(["LISTENER", "PORT", "TLS", "CLIENT CERTIFICATE", "PROFILE", "TENANT"], rows, "");
}

async function printProcesses(processes: readonly ProcessStatus[]): Promise<void> {
  if (processes.length === 0) return;
  await print("\n");
  const rows = processes.map(({ number, processId, connections, restarts, reason }) => [
    number,
    processId,
    connections,
    restarts,
    reason === null ? "well" : reason,
  ]);
  await printTable(["PROCESS", "PID", "CONNECTIONS", "RESTARTS", "STATE"], rows, "");
}

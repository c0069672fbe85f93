import type { ProcessStatus } from "#src/administration/administration.js";
import type { ServedPorts } from "#src/kmip-service/served-listeners.js";
import type { KmipService } from "#src/kmip-service.js";
import type { ProcessMetrics } from "#src/telemetry/process-metrics.js";
import type { ChildProcesses } from "./child-processes.js";

/** Where clients are served: in this process, or in others. */
export interface Front {
  readonly ports: ServedPorts;
  connections(): Promise<number>;
  /** The other server processes; none where everything is one process. */
  processes(): Promise<readonly ProcessStatus[]>;
  /** Undefined where everything is one process. */
  metrics(): Promise<readonly ProcessMetrics[] | undefined>;
  /** Takes changed certificate files for handshakes from now on. */
  reload(): Promise<void>;
}

/** The front of a server that is one process. */
export function ownFront(kmip: KmipService): Front {
  return {
    ports: kmip.listeners.ports,
    connections: async () => kmip.listeners.connections().length,
    processes: async () => [],
    metrics: async () => undefined,
    reload: () => kmip.listeners.reload(),
  };
}

/** The front of a server that is several processes, which serve. */
export function frontOf(children: ChildProcesses): Front {
  return {
    ports: children.ports,
    connections: async () => (await children.statuses()).reduce((sum, { connections }) => sum + connections, 0),
    processes: () => children.statuses(),
    metrics: () => children.metrics(),
    reload: () => children.reload(),
  };
}

/** The program of a process that serves KMIP beside others; the first process starts it and tells it what to do. */
import { openRuntime } from "#src/administration/runtime.js";
import { ReportedGrowth } from "#src/audit/reported-growth.js";
import { KmipService } from "#src/kmip-service.js";
import { operations } from "#src/operations/index.js";
import { SiblingBus } from "#src/siblings/bus.js";
import { createLog, type Log } from "#src/telemetry/log.js";
import { createMetrics } from "#src/telemetry/metrics.js";
import { childTopics, type FromChild, type ToChild } from "./child-messages.js";
import { collectWholeHeapRarely } from "./collections.js";
import { kmipHealth } from "./kmip-health.js";
import { ServerSurroundings } from "./server-surroundings.js";

/** How a process ends that cannot go on; the first process starts another one. */
const failed = 1;

function send(message: FromChild): void {
  if (process.connected) process.send?.(message);
}

type Start = Extract<ToChild, { start: unknown }>["start"];

async function serve({ configuration }: Start, bus: SiblingBus, log: Log): Promise<void> {
  const metrics = createMetrics();
  const runtime = await openRuntime({ configuration, log, metrics, siblings: bus, progress: () => undefined });
  const surroundings = await ServerSurroundings.start(runtime, metrics);
  const kmip = await KmipService.start(runtime, {
    metrics,
    operations,
    surroundings,
    checkpoints: new ReportedGrowth(bus, configuration.audit.checkpointRows),
    beforeListening: () => bus.join(),
  });
  const health = kmipHealth(runtime, kmip.listeners);
  bus.on(childTopics.report, async () => {
    const { findings } = await health.report("ready");
    const complaints = findings.flatMap(({ name, healthy, reason }) => (healthy ? [] : [`${name}: ${reason}`]));
    return { connections: kmip.listeners.connections().length, complaints };
  });
  bus.on(childTopics.metrics, () => metrics.snapshot());
  bus.on(childTopics.reload, () => kmip.listeners.reload());
  bus.on(childTopics.stop, async () => {
    await kmip.stop();
    surroundings.stop();
    await runtime.close();
    setImmediate(() => process.disconnect());
  });
  send({ serving: kmip.listeners.ports });
  log.info({}, "a server process accepts connections");
}

function begin(start: Start): void {
  collectWholeHeapRarely();
  const log = createLog(start.configuration.log).child({ serverProcess: start.self });
  const bus = new SiblingBus({
    self: start.self,
    send: (message) => send({ bus: message }),
    failed: (topic, error) => log.error({ topic, error }, "what another process told could not be done"),
  });
  process.on("message", (message: ToChild) => {
    if ("bus" in message) bus.receive(message.bus);
  });
  process.on("uncaughtException", (error, origin) => {
    log.fatal({ error, origin }, "a fault that nothing handled: the server process ends");
    process.exit(failed);
  });
  serve(start, bus, log).catch((error: unknown) => {
    log.error({ error }, "a server process could not begin to serve");
    send({ failed: error instanceof Error ? error.message : String(error) });
    setImmediate(() => process.exit(failed));
  });
}

// The first process says when to stop. Without it nobody says what has changed: nothing more is answered.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
let isStarted = false;
process.on("message", (message: ToChild) => {
  if (!("start" in message) || isStarted) return;
  isStarted = true;
  begin(message.start);
});
process.on("disconnect", () => process.exit(process.exitCode ?? 0));
send({ loaded: true });

import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateFingerprint } from "#certs/describe.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { openRuntime, type Runtime } from "#src/administration/runtime.js";
import { loadConfiguration } from "#src/config/load.js";
import { ObjectStore } from "#src/inventory/object-store.js";
import { AsynchronousRunner } from "#src/jobs/asynchronous-runner.js";
import { servicesOf } from "#src/kmip-service/services.js";
import { ServerSurroundings } from "#src/main/server-surroundings.js";
import { OpenStreams } from "#src/operations/cryptography/open-streams.js";
import { operations } from "#src/operations/index.js";
import { performClaimed } from "#src/pipeline/asynchronous/perform.js";
import type { Services } from "#src/pipeline/services.js";
import { RequestPipeline } from "#src/pipeline.js";
import { type Log, silentLog } from "#src/telemetry/log.js";
import { createMetrics, type Metrics } from "#src/telemetry/metrics.js";
import type { Requester } from "#test/support/kmip-client-messages.js";

/** Something that the server logged as a fault of its own. */
export interface LoggedFault {
  readonly message: string;
  readonly error: unknown;
}

/** The message path in this process: pipeline, a database in memory, and a real SoftHSM token. */
export interface World {
  readonly client: Requester;
  answer(bytes: Buffer): Promise<Buffer>;
  /** The faults logged since the last call. */
  faults(): readonly LoggedFault[];
  close(): Promise<void>;
}

/** A folder whose files are in memory where the system has one. */
function memoryFolder(): string {
  return mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "keyreeve-"));
}

function noting(faults: LoggedFault[]): Log {
  const error: Log["error"] = (fields, message) => {
    faults.push({ message, error: fields["error"] });
  };
  return { ...silentLog(), error };
}

function servicesIn(
  runtime: Runtime,
  metrics: Metrics,
  surroundings: ServerSurroundings,
): { readonly services: Services; readonly runner: AsynchronousRunner } {
  const { configuration, database, log } = runtime;
  const store = new ObjectStore({
    database,
    partitionOf: (tenantId) => runtime.partitions.of(tenantId),
    cachedObjects: configuration.objects.cachedObjects,
  });
  const services: Services = servicesOf(runtime, {
    store,
    streams: new OpenStreams(configuration.kmip.limits, () => performance.now(), runtime.siblings),
    metrics,
    surroundings,
    checkpoints: { observe: () => undefined },
    operations,
    runner: () => runner,
    queued: () => undefined,
  });
  const runner = new AsynchronousRunner({
    database,
    log,
    concurrency: configuration.asynchronous.concurrency,
    perform: (batch) => performClaimed(services, batch),
    now: () => Date.now(),
  });
  return { services, runner };
}

/** Makes one, with the demo tenant and client of a first run. */
export async function openWorld(): Promise<World> {
  const home = memoryFolder();
  const faults: LoggedFault[] = [];
  const configuration = loadConfiguration({
    home,
    environment: { KEYREEVE_EXPERIMENTAL_VERSIONS: "3.0", KEYREEVE_INTEROPERABILITY_TESTS: "true" },
  });
  const metrics = createMetrics({ process: false });
  const runtime = await openRuntime({ configuration, log: noting(faults), metrics, progress: () => undefined });
  const surroundings = await ServerSurroundings.start(runtime, metrics);
  const { services, runner } = servicesIn(runtime, metrics, surroundings);
  await runner.start();
  const pipeline = new RequestPipeline(services);
  const certificate = new X509Certificate(readFileSync(join(home, "clients/demo/demo-client/client.crt")));
  const origin = { sourceAddress: "127.0.0.1", certificateFingerprint: certificateFingerprint(certificate) };
  const answer = (bytes: Buffer): Promise<Buffer> => pipeline.answer(bytes, origin);
  return {
    answer,
    client: { request: async (message) => decodeItem(await answer(encodeItem(message))) },
    faults: () => faults.splice(0),
    close: async () => {
      await runner.stop();
      await services.streams.stop();
      surroundings.stop();
      await runtime.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

import { parentPort, workerData } from "node:worker_threads";
import { Acknowledged } from "../acknowledged.js";
import { type DatabaseAddress, type DatabaseConfiguration, databaseDefaults } from "../configuration.js";
import { openConnection } from "../drivers/index.js";
import { StorageError } from "../errors.js";
import { GroupWriter } from "./group-writer.js";
import { errorData, type FromThread, type ThreadData, type ToThread } from "./messages.js";
import { Reader } from "./reader.js";
import { openForWriting } from "./writing-connection.js";

/** Reads that a connection to PostgreSQL has before it. */
const readsTogether = 32;

/** The work of a database thread. */
interface Worker<Call> {
  start(): Promise<void>;
  submit(calls: readonly Call[]): void;
  follow?(address: DatabaseAddress): void;
  close(): Promise<void>;
}

type Send = (message: FromThread) => void;

function writer({ configuration, acknowledged: known = [] }: ThreadData, send: Send): GroupWriter {
  const acknowledged = new Acknowledged(known);
  return new GroupWriter({
    open: () => openForWriting(configuration, acknowledged, (opened) => send({ opened })),
    acknowledged,
    nodeId: configuration.nodeId,
    groupLimit: configuration.limits?.group ?? databaseDefaults.group,
    begin: configuration.client === "pg" ? "begin" : "begin immediate",
    // Whose turn it is, the writer waits for itself.
    settings: configuration.client === "pg" ? [] : ["pragma busy_timeout = 0"],
    answer: (answers) => send({ answers }),
  });
}

function reader({ configuration, followed }: ThreadData, send: Send): Reader {
  return new Reader({
    open: (only) => openConnection(configuration, "read", { only }),
    followed,
    connections: configuration.client === "pg" ? (configuration.readers ?? databaseDefaults.readers) : 1,
    // SQLite does one after the other; one that a PostgreSQL does not answer must not keep the others from failing.
    together: configuration.client === "pg" ? readsTogether : 1,
    answer: (answers) => send({ answers }),
  });
}

async function applyMigrations(configuration: DatabaseConfiguration): Promise<readonly string[]> {
  // Loaded where it is needed: a thread that reads has no use for it.
  const { migrate } = await import("../migrate.js");
  const connection = await openConnection(configuration, "migrate");
  try {
    return await migrate(connection);
  } finally {
    await connection.close();
  }
}

async function run(data: ThreadData): Promise<void> {
  const { role, configuration } = data;
  const port = parentPort;
  if (port === null) throw new StorageError("internal", "this module is the entry of a worker thread");
  const send: Send = (message) => port.postMessage(message);
  try {
    const migrations = role === "write" ? await applyMigrations(configuration) : [];
    const worker: Worker<never> = role === "write" ? writer(data, send) : reader(data, send);
    await worker.start();
    port.on("message", (message: ToThread<never>) => {
      if ("calls" in message) worker.submit(message.calls);
      else if ("follow" in message) worker.follow?.(message.follow);
      else void worker.close().finally(() => port.close());
    });
    send({ ready: true, migrations });
  } catch (error) {
    send({ failed: errorData(error) });
    port.close();
  }
}

await run(workerData as ThreadData);

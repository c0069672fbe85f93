import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Receiver, type ReceiverAddress, type ServerRequest } from "./receiver.js";

/** A tenant of a server of our own. */
export interface OwnTenant {
  readonly name: string;
  /** Whether it takes part in tests of interoperability, as the published cases ask. */
  readonly interoperabilityTests: boolean;
  /** The profile of its clients, as a transcript names it; none where undefined. */
  readonly profile?: string | undefined;
}

/** What the process of a server is to make. */
export interface OwnServerOrder {
  readonly home: string;
  readonly tenants: readonly OwnTenant[];
  readonly clients: readonly string[];
  /** Where the server is to send requests of its own. */
  readonly receiver: ReceiverAddress;
  /** Versions to be turned on, such as "3.0". */
  readonly experimentalVersions: readonly string[];
}

/** An object that the server is to send; the version it is sent in follows from the tenant. */
export interface PushOrder {
  readonly tenant: string;
  readonly object: string;
}

/** The destination of each tenant. */
export const destinationName = "receiver";

/** What it has made: the folder of each client's files, in the order of the clients, by tenant. */
export interface OwnServerReady {
  readonly kmipPort: number;
  readonly httpsPort: number;
  readonly folders: Readonly<Record<string, readonly string[]>>;
}

/** A server that runs in a process of its own. */
export interface OwnServer extends OwnServerReady {
  /** Has it send an object of a tenant to a client, in a version. Rejects where it does not. */
  push(order: PushOrder, version: string): Promise<ServerRequest>;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server in a new folder, as ordered. Rejects where it ends before it is ready. */
export async function startOwnServer(ordered: Omit<OwnServerOrder, "home" | "receiver">): Promise<OwnServer> {
  const home = mkdtempSync(join(tmpdir(), "keyreeve-conformance-"));
  const child = fork(join(import.meta.dirname, "server-process.js"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const receiver = await Receiver.start();
  const order: OwnServerOrder = { home, receiver: receiver.address, ...ordered };
  child.send(order);
  const ready = await Promise.race([
    once(child, "message").then(([message]) => message as OwnServerReady),
    exited.then(() => undefined),
  ]);
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    await exited;
    await receiver.stop();
    rmSync(home, { recursive: true, force: true });
  };
  if (ready === undefined) {
    await stop();
    throw new Error("the server to play against did not start");
  }
  const push = (push: PushOrder, version: string): Promise<ServerRequest> => {
    child.send(push);
    return receiver.next(version);
  };
  return { ...ready, push, stop };
}

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SeededRandom } from "#test/fuzz/random.js";
import type { Verdict } from "#test/harness/verdict.js";
import type { ClientIdentity } from "#test/support/kmip-client.js";
import { openFiles, residentBytes } from "#test/support/process-figures.js";
import {
  clientFolder,
  connectTo,
  readIdentity,
  startedHome,
  startTestServer,
  type TestServer,
} from "#test/support/server.js";

/** How large a run is. */
export interface Sizes {
  /** Of the offsets of a message, every how manyth is cut at. */
  readonly step: number;
  /** Requests of a flood. */
  readonly flood: number;
  /** Pieces of malformed bytes of each kind. */
  readonly malformed: number;
  /** Seconds of each phase of a load. */
  readonly seconds: number;
  /** How often quiet and loaded phases take turns. */
  readonly rounds: number;
  /** Connections of the tenant that floods. */
  readonly loud: number;
  /** Keys that this tenant has before it does. */
  readonly keys: number;
  /** Handshakes a second of a storm. */
  readonly handshakes: number;
  /** Connections of an overload. */
  readonly overload: number;
  /** Idle connections that are held. */
  readonly idle: number;
  /** Whether times are judged, which a machine that is busy with other things does not allow. */
  readonly judgesTime: boolean;
}

/** A server under attack, and what is found out about it. */
export interface Target {
  readonly server: TestServer;
  readonly identity: ClientIdentity;
  readonly verdict: Verdict;
  readonly random: SeededRandom;
  readonly sizes: Sizes;
  /** Seconds that handshakes, messages and answers may take in this server. */
  readonly patience: number;
  readonly done: Done;
  progress(message: string): void;
}

/** What was done, in figures. */
export interface Done {
  faults: number;
  requests: number;
  connections: number;
}

/** Limits of the listener that are as they are by default. */
const usual = { maximumConnections: 20_000, maximumConnectionsPerAddress: 20_000, maximumConnectionsPerClient: 20_000 };

/** Starts a server with limits in the place of the usual ones, and has work done on it. */
export async function onServer(
  limits: Readonly<Record<string, number>>,
  work: (server: TestServer) => Promise<void>,
): Promise<void> {
  const home = startedHome();
  const lines = Object.entries({ ...usual, ...limits }).map(([name, value]) => `    ${name}: ${value}`);
  writeFileSync(join(home, "keyreeve.yaml"), `kmip:\n  limits:\n${lines.join("\n")}\n`);
  const server = await startTestServer({ home, environment: { KEYREEVE_LOG_LEVEL: "error" } });
  try {
    await work(server);
  } finally {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The client that the first start made. */
export function demoIdentity(server: TestServer): ClientIdentity {
  return readIdentity(clientFolder(server.home));
}

/** A new tenant with a client. */
export async function newTenant(server: TestServer, name: string): Promise<ClientIdentity> {
  await server.administration.createTenant(name);
  return readIdentity(await server.administration.issueClient(name, "client"));
}

/** Sockets and files that the server has open. */
export function filesOf({ process }: TestServer): number {
  return openFiles(process.pid ?? 0);
}

/** Memory of the server's process in bytes. */
export function memoryOf({ process }: TestServer): number {
  return residentBytes(process.pid ?? 0);
}

/** Seconds in which all connections that have ended must be gone. */
const settleSeconds = 35;

/** Checks that the server has no more open than before, some time after what was done to it. */
export async function checkFiles(target: Target, what: string, before: number): Promise<void> {
  const until = performance.now() + settleSeconds * 1000;
  let now = filesOf(target.server);
  while (now > before && performance.now() < until) {
    await pause(100);
    now = filesOf(target.server);
  }
  target.verdict.check(`no socket is left after ${what}`, now <= before, `${before} open before, ${now} after`);
}

/** Does something so often, several at a time. */
export async function severalAtOnce(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
}

/** Whether a client with a sound certificate is answered. */
export async function isServed(server: TestServer, message: Buffer): Promise<boolean> {
  try {
    const client = await connectTo(server);
    const answer = await client.exchange(message);
    await client.close();
    return answer.length > 8;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/** Makes a source of random numbers. */
export function randomOf(seed: number): SeededRandom {
  return new SeededRandom(seed);
}

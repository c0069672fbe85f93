/** Meets points: everything is ended there, started again, and held against the journals. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, keyreeveProgram, projectRoot } from "#test/support/server.js";
import type { LongWork } from "./long-work.js";
import { type CommitPoint, type Point, points, type StartPoint } from "./points.js";
import type { Stage } from "./stage.js";
import { Strace, straceOptions, untilMet } from "./strace.js";

const metWithin = 15_000;
/** How often a point is tried: the place of some differs from walk to walk. */
const tries = 4;

/** Runs to a point and ends everything there. Gives whether it was met. The server is left ended. */
export async function meet(stage: Stage, work: LongWork, point: Point): Promise<boolean> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    if (attempt > 1) await stage.resume();
    await stage.warm();
    if (point.isThere !== undefined) await learnWrites(stage);
    if (await meetOnce(stage, work, point)) return true;
  }
  return false;
}

async function meetOnce(stage: Stage, work: LongWork, point: Point): Promise<boolean> {
  const { target, injection } = point.at(stage);
  const strace = await Strace.attach(target, point.beside ?? [], injection);
  try {
    // It is cut off: that it fails says nothing.
    const working = Promise.resolve(point.work(stage, work)).catch(() => undefined);
    const isMet = await strace.untilMet(metWithin);
    await stage.kill();
    const isThere = isMet && point.isThere?.(strace.calls()) !== false;
    await working;
    return isThere;
  } finally {
    await strace.detach();
  }
}

/** Runs to a moment of a commit and ends there what is to end. Gives whether it was met. */
export async function meetCommit(stage: Stage, work: LongWork, point: CommitPoint): Promise<boolean> {
  const { postgres } = stage;
  if (postgres === undefined) throw new Error("commits are met on PostgreSQL only");
  await stage.warm();
  const words = point.of === "tenant" ? stage.walkers.token.tenant.name : "";
  const server = stage.serverProcess;
  const met = postgres.cutter
    .meet(words, point, (backend) => process.kill(point.victim === "server" ? server : backend, "SIGKILL"))
    .then(() => true);
  // It is cut off: that it fails says nothing.
  const working = Promise.resolve(point.work(stage, work)).catch(() => undefined);
  const isMet = await Promise.race([met, pause(metWithin, false, { ref: false })]);
  postgres.cutter.forget();
  if (point.victim === "server" || !isMet) await stage.kill();
  await working;
  return isMet;
}

/** Counts the writes of the first commit of a walk. */
async function learnWrites(stage: Stage): Promise<void> {
  const target = { processes: [stage.serverProcess], paths: [stage.log] };
  const strace = await Strace.attach(target, ["pwrite64", "fsync"], null);
  await stage.walkers.token.walk();
  const names = strace.calls().map(({ syscall }) => syscall);
  await strace.detach();
  stage.writesOfIntent = names.indexOf("fsync");
}

/** Starts the server to a point of its start, and ends everything there. Gives whether the point was met. */
export async function meetAtStart(stage: Stage, work: LongWork, point: StartPoint): Promise<boolean> {
  await leaveOpen(stage, work);
  const folder = mkdtempSync(join(tmpdir(), "keyreeve-strace-"));
  const output = join(folder, "calls");
  const options = [
    ...straceOptions([], point.injection, output),
    ...point.paths(stage).flatMap((path) => ["-P", path]),
  ];
  const environment = {
    ...process.env,
    ...stage.environment,
    KEYREEVE_HOME: stage.home,
    KEYREEVE_KMIP_PORT: String(await freePort()),
    KEYREEVE_ADMIN_PORT: String(await freePort()),
    KEYREEVE_HTTPS_PORT: String(await freePort()),
  };
  const child = spawn("strace", [...options, process.execPath, keyreeveProgram, "serve"], {
    cwd: projectRoot,
    env: environment,
    stdio: "ignore",
    detached: true,
  });
  const ended = once(child, "exit");
  try {
    return await untilMet(output, metWithin);
  } finally {
    endGroup(child.pid);
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ends the server with a key in the token that is not committed. */
async function leaveOpen(stage: Stage, work: LongWork): Promise<void> {
  const point = points.find(({ name }) => name === "after the key is durable");
  if (point === undefined || !(await meet(stage, work, point))) throw new Error("no change could be left open");
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

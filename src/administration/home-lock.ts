import { randomUUID } from "node:crypto";
import { link, readFile, rename, unlink, writeFile } from "node:fs/promises";

/** Another process works on the data directory. */
export class HomeBusyError extends Error {
  readonly processId: number;

  constructor(processId: number) {
    super(`process ${processId} is using this data directory; use the running server, or stop it first`);
    this.name = "HomeBusyError";
    this.processId = processId;
  }
}

/** Holds a data directory for this process until released. */
export interface HomeLock {
  release(): Promise<void>;
}

const absent = (error: unknown): boolean => hasCode(error, "ENOENT");

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/**
 * A process as the lock names it: its number, and, because numbers are given again after a restart of the machine or of
 * a container, when it started and in which boot. The latter two are empty where the system does not tell.
 */
async function identityOf(processId: number): Promise<string> {
  try {
    const status = await readFile(`/proc/${processId}/stat`, "latin1");
    // proc(5): the name in parentheses may hold anything; the start time is the 20th field after it.
    const started = status.slice(status.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "latin1")).trim();
    return `${processId} ${started} ${boot}`;
  } catch {
    // No such process, or a system without /proc.
    return `${processId}`;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

/** The process that a lock names, where it still lives. */
async function livingHolder(content: string): Promise<number | undefined> {
  const processId = Number.parseInt(content, 10);
  if (!Number.isInteger(processId) || !isAlive(processId)) return undefined;
  return (await identityOf(processId)) === content ? processId : undefined;
}

/** The process that holds a data directory, or undefined where none does. */
export async function holderOf(lockFile: string): Promise<number | undefined> {
  try {
    return await livingHolder(await readFile(lockFile, "utf8"));
  } catch (error) {
    if (absent(error)) return undefined;
    throw error;
  }
}

/**
 * Takes the lock file of a data directory, since two processes must not append to the same audit chain. A lock left
 * by a process that died is taken over. Throws HomeBusyError.
 */
export async function lockHome(lockFile: string): Promise<HomeLock> {
  const own = `${lockFile}.${process.pid}.${randomUUID()}`;
  await writeFile(own, await identityOf(process.pid), { mode: 0o600 });
  try {
    for (;;) {
      try {
        // The file appears with its content, or not at all.
        await link(own, lockFile);
        return { release: () => unlink(lockFile) };
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error;
      }
      const holder = await holderOf(lockFile);
      if (holder !== undefined) throw new HomeBusyError(holder);
      await removeDead(lockFile);
    }
  } finally {
    await unlink(own);
  }
}

/** Removes a lock whose process is gone, unless another took it over meanwhile: then that one gets it back. */
async function removeDead(lockFile: string): Promise<void> {
  const taken = `${lockFile}.${process.pid}.dead`;
  try {
    await rename(lockFile, taken);
  } catch (error) {
    if (absent(error)) return;
    throw error;
  }
  if ((await holderOf(taken)) === undefined) await unlink(taken);
  else await rename(taken, lockFile);
}

import { open, readFile, unlink } from "node:fs/promises";

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

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Takes the lock file of a data directory, since two processes must not append to the same audit chain. A lock left
 * by a process that died is taken over. Throws HomeBusyError.
 */
export async function lockHome(lockFile: string): Promise<HomeLock> {
  for (;;) {
    try {
      const handle = await open(lockFile, "wx", 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return { release: () => unlink(lockFile) };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = Number.parseInt(await readFile(lockFile, "utf8").catch(() => ""), 10);
    if (Number.isInteger(holder) && holder !== process.pid && isAlive(holder)) throw new HomeBusyError(holder);
    await unlink(lockFile).catch(() => undefined);
  }
}

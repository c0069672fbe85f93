import { readFile, rm, writeFile } from "node:fs/promises";
import { holdFile } from "#storage/exclusive-file.js";

/** Another process works on the data directory. */
export class HomeBusyError extends Error {
  constructor(processId: string) {
    super(`process ${processId} is using this data directory; use the running server, or stop it first`);
    this.name = "HomeBusyError";
  }
}

/** Holds a data directory for this process until released. */
export interface HomeLock {
  release(): Promise<void>;
}

/** The files of the lock of a data directory. */
export interface HomeLockFiles {
  /** Held by whoever works on the data directory. */
  readonly lockFile: string;
  /** Names its process, for people. */
  readonly processFile: string;
}

/**
 * Holds a data directory for this process, since two must not append to the same audit chain. What a process held that
 * died is free. Throws HomeBusyError.
 */
export async function lockHome({ lockFile, processFile }: HomeLockFiles): Promise<HomeLock> {
  const held = holdFile(lockFile);
  if (held === null) throw new HomeBusyError(await readFile(processFile, "utf8").catch(() => "(unknown)"));
  await writeFile(processFile, String(process.pid), { mode: 0o600 });
  return {
    release: async () => {
      await rm(processFile, { force: true });
      held.release();
    },
  };
}

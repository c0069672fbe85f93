import { readFileSync, writeFileSync } from "node:fs";
import type { Log } from "#src/telemetry/log.js";

const filter = "/proc/self/coredump_filter";

/**
 * Keeps the memory of this process, and of all that it starts from now on, out of core dumps: they show where a process
 * ended, and hold none of its memory (core(5)). Where the system does not let it, the log says so; `ulimit -c 0` does as well.
 */
export function keepMemoryOutOfCores(log: Pick<Log, "warn">): void {
  try {
    writeFileSync(filter, "0");
    if (Number.parseInt(readFileSync(filter, "utf8"), 16) === 0) return;
    log.warn({}, "core dumps of this process may hold its memory: end them with ulimit -c 0");
  } catch (error) {
    log.warn({ error }, "core dumps of this process may hold its memory: end them with ulimit -c 0");
  }
}

import { readdirSync, readFileSync } from "node:fs";

/** Microseconds of processor time by what spent them. */
export type ProcessorTime = ReadonlyMap<string, number>;

/** Nanoseconds that a thread has run (Linux); 0 for one that is gone. */
function nanosecondsOf(path: string): number {
  try {
    return Number(readFileSync(`${path}/schedstat`, "utf8").split(" ")[0]);
  } catch {
    return 0;
  }
}

function listed(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function parentOf(processId: string): number {
  try {
    const status = readFileSync(`/proc/${processId}/stat`, "utf8");
    return Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

/**
 * What a server has spent until now: its event loop, its other threads (database, garbage collection, compiler), and its
 * child processes, the HSM workers. Empty where /proc is not that of Linux.
 */
export function processorTime(processId: number): ProcessorTime {
  const spent = { loop: 0, threads: 0, workers: 0 };
  for (const thread of listed(`/proc/${processId}/task`)) {
    const nanoseconds = nanosecondsOf(`/proc/${processId}/task/${thread}`);
    spent[thread === String(processId) ? "loop" : "threads"] += nanoseconds;
  }
  if (spent.loop === 0) return new Map();
  const children = listed("/proc").filter((name) => /^\d+$/.test(name) && parentOf(name) === processId);
  for (const child of children) {
    for (const thread of listed(`/proc/${child}/task`)) spent.workers += nanosecondsOf(`/proc/${child}/task/${thread}`);
  }
  return new Map(Object.entries(spent).map(([name, nanoseconds]) => [name, nanoseconds / 1000]));
}

/** Microseconds for each of so many requests between two moments. */
export function perRequest(before: ProcessorTime, after: ProcessorTime, requests: number): Record<string, number> {
  return Object.fromEntries([...after].map(([name, time]) => [name, (time - (before.get(name) ?? 0)) / requests]));
}

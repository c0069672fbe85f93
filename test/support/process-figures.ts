import { readdirSync, readFileSync } from "node:fs";

/** Bytes of memory that a process has in use. */
export function residentBytes(processId: number): number {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${processId}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

/** Files, sockets and pipes that a process has open. */
export function openFiles(processId: number): number {
  return readdirSync(`/proc/${processId}/fd`).length;
}

/** Numbers of the processes that a process has started. */
export function childrenOf(processId: number): number[] {
  const children = readFileSync(`/proc/${processId}/task/${processId}/children`, "utf8");
  return children.trim().split(" ").filter(Boolean).map(Number);
}

/** Numbers of all processes below a process, those that end meanwhile left out. */
export function descendantsOf(processId: number): number[] {
  try {
    return childrenOf(processId).flatMap((child) => [child, ...descendantsOf(child)]);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** The command line of a process; empty where it has ended. */
export function commandOf(processId: number): string {
  try {
    return readFileSync(`/proc/${processId}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch (error) {
    if (isGone(error)) return "";
    throw error;
  }
}

/** Whether the files of a process are not there any more. */
function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH");
}

/** The value of a variable in the environment that a process was started with; empty where it has none. */
export function environmentOf(processId: number, name: string): string {
  const variables = readFileSync(`/proc/${processId}/environ`, "utf8").split("\0");
  return variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

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

/** The value of a variable in the environment that a process was started with; empty where it has none. */
export function environmentOf(processId: number, name: string): string {
  const variables = readFileSync(`/proc/${processId}/environ`, "utf8").split("\0");
  return variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

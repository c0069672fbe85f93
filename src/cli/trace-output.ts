import { InvalidArgumentError } from "commander";
import type { TraceSummary } from "#src/administration/traces/trace.js";
import { printFacts, printJson } from "./output.js";

/** Prints one trace. */
export function printTrace(trace: TraceSummary, json: boolean | undefined): Promise<void> {
  if (json === true) return printJson(trace);
  const { id, tenant, client, startedAt, until, ended, bytes, file } = trace;
  return printFacts([
    ["Trace", id],
    ["Tenant", tenant],
    ["Client", client ?? "(all)"],
    ["Started", startedAt],
    ["Until", until],
    ["State", ended === null ? "running" : `ended: ${ended}`],
    ["Bytes", bytes],
    ["File", file],
  ]);
}

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds from a text such as 90s, 10m or 2h. Throws InvalidArgumentError. */
export function secondsFrom(text: string): number {
  const [, count, unit = "s"] = /^(\d{1,6})([smh])?$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError("A time is written like 90s, 10m or 2h.");
  return Number(count) * (seconds[unit] ?? 1);
}

const bytes: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Bytes from a text such as 500KiB or 50MiB. Throws InvalidArgumentError. */
export function bytesFrom(text: string): number {
  const [, count, unit] = /^(\d{1,12})(KiB|MiB|GiB)?$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError("A size is written like 500KiB or 50MiB.");
  return Number(count) * (unit === undefined ? 1 : (bytes[unit] ?? 1));
}

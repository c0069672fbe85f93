/** Module hooks, run by Node.js in a thread of their own: instrument the modules of the folders they are given. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { instrument } from "./instrumenter.js";

/** What `initialize` is given. */
export interface HookSetting {
  /** URLs of folders whose modules are instrumented. */
  readonly folders: readonly string[];
  /** URL of the module that holds the counters. */
  readonly counters: string;
}

let setting: HookSetting = { folders: [], counters: "" };

export function initialize(given: HookSetting): void {
  setting = given;
}

interface Loaded {
  readonly format: string;
  readonly source?: string;
  readonly shortCircuit?: boolean;
}

export async function load(
  url: string,
  context: object,
  next: (url: string, context: object) => Promise<Loaded>,
): Promise<Loaded> {
  if (!setting.folders.some((folder) => url.startsWith(folder)) || !url.endsWith(".js")) return next(url, context);
  const { code } = instrument(readFileSync(fileURLToPath(url), "utf8"), setting.counters);
  return { format: "module", source: code, shortCircuit: true };
}

import { register } from "node:module";
import type { HookSetting } from "./hooks.js";

/** The parts of the project whose coverage guides. */
const parts = ["protocol", "certs", "src"] as const;

let isRegistered = false;

/** Has every module of the project that is loaded from now on counted; those that are loaded already are not. */
export function instrumentModules(): void {
  if (isRegistered) return;
  isRegistered = true;
  const folders = parts.map((part) => new URL(`../../../${part}/`, import.meta.url).href);
  const data: HookSetting = { folders, counters: new URL("./counters.js", import.meta.url).href };
  register(new URL("./hooks.js", import.meta.url).href, { data });
}

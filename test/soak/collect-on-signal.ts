/** Loaded into a server before all else: it collects its garbage when it is told to. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";
import { collectSignal } from "./collect-signal.js";

if (isMainThread) {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  process.on(collectSignal, () => collect());
}

import { workerData } from "node:worker_threads";
import { type WatchSetting, watch } from "./watch.js";

watch(workerData as WatchSetting);

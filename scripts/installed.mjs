// Succeeds when node_modules holds the packages of package-lock.json, optional ones of other platforms aside.
import { existsSync, readFileSync } from "node:fs";

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {});
const installed = read("node_modules/.package-lock.json");
const missing = Object.entries(read("package-lock.json")).filter(
  ([path, { version, optional }]) => path !== "" && optional !== true && installed[path]?.version !== version,
);
process.exitCode = missing.length === 0 ? 0 : 1;

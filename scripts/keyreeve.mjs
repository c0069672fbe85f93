#!/usr/bin/env node
// The command `keyreeve`: the compiled command line, or a word on how to get one.
import { existsSync } from "node:fs";

const program = new URL("../build/src/cli/keyreeve.js", import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write("keyreeve is not built yet: run npm start (or npm run build) in its folder first\n");
  process.exitCode = 1;
}

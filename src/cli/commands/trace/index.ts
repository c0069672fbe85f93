import type { Command } from "commander";
import { group } from "../../group.js";
import { traceListCommand } from "./list.js";
import { traceShowCommand } from "./show.js";
import { traceStartCommand } from "./start.js";
import { traceStopCommand } from "./stop.js";

/** `keyreeve trace …` */
export function traceCommand(): Command {
  return group("trace", "record what clients send and receive, secrets left out", [
    traceStartCommand,
    traceStopCommand,
    traceListCommand,
    traceShowCommand,
  ]);
}

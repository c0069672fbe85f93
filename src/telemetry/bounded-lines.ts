import type { LogDestination } from "./log.js";

/** What waits of a stream that nobody reads, at most; lines beyond it are dropped and counted. */
const longestBytes = 4 * 1024 * 1024;

const heeded = new WeakSet<LogDestination>();
let untold = 0;

/** How many lines of the log this process has dropped since this was called last. */
export function takeDroppedLines(): number {
  const dropped = untold;
  untold = 0;
  return dropped;
}

/**
 * Writes lines to `sink`, which leads to `destination`, unless nobody takes them there: a pipe whose reader hangs does
 * not fill the memory of the server, and one whose reader is gone does not end it. Lines are dropped then, and a line
 * says how many when lines are taken again.
 */
export function boundedLines(destination: LogDestination, sink: LogDestination): LogDestination {
  let dropped = 0;
  const drop = (): void => {
    dropped += 1;
    untold += 1;
  };
  if (destination.on !== undefined && !heeded.has(destination)) {
    heeded.add(destination);
    destination.on("error", drop);
  }
  return {
    write(line) {
      if ((destination.writableLength ?? 0) > longestBytes) {
        drop();
        return;
      }
      const lost = dropped;
      dropped = 0;
      if (lost > 0) sink.write(lostLine(lost));
      sink.write(line);
    },
  };
}

function lostLine(lines: number): string {
  const message = "lines of the log were dropped, since whoever reads it did not take them";
  return `${JSON.stringify({ level: "warn", time: new Date().toISOString(), lines, message })}\n`;
}

import { join } from "node:path";
import { callerAs } from "#test/support/admin.js";
import { readIdentity, type TestServer } from "#test/support/server.js";

/** Asks a server's metrics how late its event loop was. */
export interface LoopDelay {
  /** Milliseconds at the 99th percentile since it was asked last. */
  read(): Promise<number>;
  close(): void;
}

/** Reads `nodejs_eventloop_lag_p99_seconds` from the admin port, as the first operator. */
export function loopDelayOf({ home, adminPort }: TestServer): LoopDelay {
  const caller = callerAs(readIdentity(join(home, "operators", "admin")), adminPort);
  return {
    read: async () => {
      const { text } = await caller.ask("/metrics");
      const seconds = /^nodejs_eventloop_lag_p99_seconds(?:\{[^}]*\})? ([\d.e+-]+)$/m.exec(text)?.[1];
      if (seconds === undefined) throw new Error("the metrics do not tell the delay of the event loop");
      return Number(seconds) * 1000;
    },
    close: () => caller.close(),
  };
}

import { fork } from "node:child_process";
import { once } from "node:events";
import type { ClientIdentity } from "#test/support/kmip-client.js";

/** What a process of its own sends to a server. Requests are messages in base 64. */
export type TrafficPlan = { readonly port: number; readonly identities: readonly ClientIdentity[] } & (
  | {
      /** Requests over open connections, as many of each identity; `perSecond` of each connection, else as many as are answered. */
      readonly kind: "requests";
      readonly connections: number;
      readonly requests: readonly (readonly string[])[];
      readonly perSecond?: number;
    }
  | {
      /**
       * So many requests a second in all, whatever becomes of those before them: each waits for one of so many
       * connections of each identity that is free, and is given up where none is in time.
       */
      readonly kind: "arrivals";
      readonly connections: number;
      readonly requests: readonly (readonly string[])[];
      readonly perSecond: number;
    }
  | { readonly kind: "handshakes"; readonly perSecond: number }
  | { readonly kind: "idle"; readonly connections: number }
);

/** What came of it in one phase. Times are in milliseconds. */
export interface TrafficResult {
  readonly seconds: number;
  /** Times of requests, or handshakes, that succeeded. */
  readonly times: readonly number[];
  /** Times of requests that were refused for now. */
  readonly refusedTimes: readonly number[];
  /** Times of those arrivals that were refused where the request before on their connection had been refused, too. */
  readonly refusedAgainTimes: readonly number[];
  /** Arrivals, and those of them that were given up because no connection was free. */
  readonly offered: number;
  readonly unsent: number;
  /** Processor time of the clients. */
  readonly processorSeconds: number;
  /** Requests that failed otherwise, and connections that did not come about or ended. */
  readonly failures: number;
}

/** What is asked of the process: begin, begin counting anew and tell, end. */
export type TrafficOrder = { readonly plan: TrafficPlan } | { readonly tell: true };

/** Traffic from a process of its own, so that it is late for nothing but the server. */
export class Traffic {
  private constructor(private readonly child: ReturnType<typeof fork>) {}

  /** Resolves when the connections of the plan are open. */
  static async start(plan: TrafficPlan): Promise<Traffic> {
    const child = fork(new URL("./traffic-process.js", import.meta.url), {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.send({ plan } satisfies TrafficOrder);
    const [ready] = await Promise.race([
      once(child, "message"),
      once(child, "exit").then(([code]) => [`the traffic ended with ${code}`]),
    ]);
    if (ready !== "ready") throw new Error(String(ready));
    return new Traffic(child);
  }

  /** What came of it since it was asked last. */
  async told(): Promise<TrafficResult> {
    const answer = once(this.child, "message");
    this.child.send({ tell: true } satisfies TrafficOrder);
    const [result] = await answer;
    return result as TrafficResult;
  }

  /** Ends it at once. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exited;
  }
}

/** The value below which such a part of the times lies; 0 where there are none. */
export function quantile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

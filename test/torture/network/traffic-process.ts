/** Sends the traffic of a plan until it is ended; started by traffic.ts, which talks to it over the process's channel. */
import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type ClientIdentity, ConnectionLost, KmipClient } from "#test/support/kmip-client.js";
import { outcomeOf } from "./messages.js";
import type { TrafficOrder, TrafficPlan, TrafficResult } from "./traffic.js";

const connectingAtOnce = 16;
/** Handshakes under way beyond which no more are begun. */
const mostHandshakes = 400;

class Tally {
  since = performance.now();
  times: number[] = [];
  refusedTimes: number[] = [];
  failures = 0;

  take(): TrafficResult {
    const { times, refusedTimes, failures, since } = this;
    this.since = performance.now();
    this.times = [];
    this.refusedTimes = [];
    this.failures = 0;
    return { seconds: (this.since - since) / 1000, times, refusedTimes, failures };
  }
}

const tally = new Tally();

function connectTo(port: number, identity: ClientIdentity): Promise<KmipClient> {
  return KmipClient.connect({ port, identity, answerWithin: 60_000 });
}

/** Opens so many connections of each identity. */
async function open({ port, identities }: TrafficPlan, each: number): Promise<KmipClient[][]> {
  const clients: KmipClient[][] = identities.map(() => []);
  const places = identities.flatMap((identity, index) => Array.from({ length: each }, () => ({ identity, index })));
  const lane = async (): Promise<void> => {
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      clients[place.index]?.push(await connectTo(port, place.identity));
    }
  };
  await Promise.all(Array.from({ length: connectingAtOnce }, lane));
  return clients;
}

async function drive(
  client: KmipClient,
  requests: readonly Buffer[],
  first: number,
  perSecond?: number,
): Promise<void> {
  let due = performance.now() + (perSecond === undefined ? 0 : randomInt(1000) / perSecond);
  for (let next = first; ; next += 1) {
    const request = requests[next % requests.length];
    if (request === undefined) throw new RangeError("a plan without requests");
    if (perSecond !== undefined) {
      await pause(Math.max(0, due - performance.now()));
      due = Math.max(due + 1000 / perSecond, performance.now());
    }
    const start = performance.now();
    const outcome = outcomeOf(await client.exchange(request));
    const took = performance.now() - start;
    if (outcome === "success") tally.times.push(took);
    else if (outcome === "refused") tally.refusedTimes.push(took);
    else tally.failures += 1;
  }
}

function fail(error: unknown): void {
  if (!(error instanceof Error)) throw error;
  if (!(error instanceof ConnectionLost)) process.stderr.write(`${error.stack}\n`);
  tally.failures += 1;
}

async function shakeHands({ port, identities }: TrafficPlan, perSecond: number): Promise<void> {
  let underWay = 0;
  const once = async (identity: ClientIdentity): Promise<void> => {
    const start = performance.now();
    underWay += 1;
    try {
      const client = await connectTo(port, identity);
      tally.times.push(performance.now() - start);
      await client.close();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      tally.failures += 1;
    } finally {
      underWay -= 1;
    }
  };
  const [identity] = identities;
  if (identity === undefined) throw new RangeError("a plan without identities");
  for (let due = performance.now(); ; due += 1000 / perSecond) {
    await pause(Math.max(0, due - performance.now()));
    if (underWay < mostHandshakes) void once(identity);
  }
}

async function run(plan: TrafficPlan): Promise<void> {
  if (plan.kind === "handshakes") {
    process.send?.("ready");
    tally.take();
    return shakeHands(plan, plan.perSecond);
  }
  const clients = await open(plan, plan.connections);
  process.send?.("ready");
  tally.take();
  if (plan.kind === "idle") {
    for (const client of clients.flat()) void client.closed.then(() => (tally.failures += 1));
    return;
  }
  for (const [index, some] of clients.entries()) {
    const requests = (plan.requests[index % plan.requests.length] ?? []).map((request) =>
      Buffer.from(request, "base64"),
    );
    for (const [place, client] of some.entries()) drive(client, requests, place, plan.perSecond).catch(fail);
  }
}

process.on("message", (order: TrafficOrder) => {
  if ("tell" in order) process.send?.(tally.take());
  else
    run(order.plan).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
      process.disconnect();
    });
});
// Connections are open, and nobody is there any more to whom it would be told what became of them.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

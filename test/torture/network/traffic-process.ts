/** Sends the traffic of a plan until it is ended; started by traffic.ts, which talks to it over the process's channel. */
import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type ClientIdentity, ConnectionLost, KmipClient } from "#test/support/kmip-client.js";
import { outcomeOf } from "./messages.js";
import type { TrafficOrder, TrafficPlan, TrafficResult } from "./traffic.js";

const connectingAtOnce = 16;
/** Handshakes under way beyond which no more are begun. */
const mostHandshakes = 400;

/** What came of the traffic since a moment. */
class Tally {
  readonly since = performance.now();
  private readonly spent = process.cpuUsage();
  readonly times: number[] = [];
  readonly refusedTimes: number[] = [];
  readonly refusedAgainTimes: number[] = [];
  offered = 0;
  unsent = 0;
  failures = 0;

  result(): TrafficResult {
    const { times, refusedTimes, refusedAgainTimes, offered, unsent, failures } = this;
    const { user, system } = process.cpuUsage(this.spent);
    const seconds = (performance.now() - this.since) / 1000;
    const processorSeconds = (user + system) / 1_000_000;
    return { seconds, times, refusedTimes, refusedAgainTimes, offered, unsent, failures, processorSeconds };
  }
}

let tally = new Tally();

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

/** An arrival waits so long for a connection, in milliseconds. */
const patience = 1000;

/** Arrivals that waited before the room they took is given back. */
const compactAfter = 10_000;

/** Requests that arrive at a rate, and the connections that are free. */
class Arrivals {
  private readonly free: KmipClient[];
  private readonly requests: readonly Buffer[];
  /** When those came that wait for a connection, the oldest at `first`. */
  private waiting: number[] = [];
  private first = 0;
  private next = 0;
  private readonly refused = new WeakSet<KmipClient>();

  constructor(clients: readonly KmipClient[], requests: readonly Buffer[]) {
    this.free = [...clients];
    this.requests = requests;
  }

  async come(perSecond: number): Promise<never> {
    const start = performance.now();
    for (let come = 0; ; await pause(2)) {
      const now = performance.now();
      for (const due = ((now - start) / 1000) * perSecond; come < due; come += 1) this.one(now);
      this.giveUp(now);
    }
  }

  private one(now: number): void {
    tally.offered += 1;
    const client = this.free.shift();
    if (client === undefined) this.waiting.push(now);
    else this.send(client);
  }

  private giveUp(now: number): void {
    for (let at = this.waiting[this.first]; at !== undefined && now - at > patience; at = this.waiting[this.first]) {
      this.first += 1;
      tally.unsent += 1;
    }
    if (this.first < compactAfter) return;
    this.waiting = this.waiting.slice(this.first);
    this.first = 0;
  }

  private send(client: KmipClient): void {
    this.asked(client).then(() => this.isFree(client), fail);
  }

  private isFree(client: KmipClient): void {
    if (this.first >= this.waiting.length) {
      this.free.push(client);
    } else {
      this.first += 1;
      this.send(client);
    }
  }

  private async asked(client: KmipClient): Promise<void> {
    const request = this.requests[this.next % this.requests.length];
    if (request === undefined) throw new RangeError("a plan without requests");
    this.next += 1;
    const start = performance.now();
    const outcome = outcomeOf(await client.exchange(request));
    const took = performance.now() - start;
    const again = this.refused.has(client);
    if (outcome === "refused") this.refused.add(client);
    else this.refused.delete(client);
    if (outcome === "success") tally.times.push(took);
    else if (outcome === "refused") (again ? tally.refusedAgainTimes : tally.refusedTimes).push(took);
    else tally.failures += 1;
  }
}

async function run(plan: TrafficPlan): Promise<void> {
  if (plan.kind === "handshakes") {
    process.send?.("ready");
    tally = new Tally();
    return shakeHands(plan, plan.perSecond);
  }
  const clients = await open(plan, plan.connections);
  process.send?.("ready");
  tally = new Tally();
  if (plan.kind === "idle") {
    for (const client of clients.flat()) void client.closed.then(() => (tally.failures += 1));
    return;
  }
  for (const [index, some] of clients.entries()) {
    const requests = (plan.requests[index % plan.requests.length] ?? []).map((request) =>
      Buffer.from(request, "base64"),
    );
    if (plan.kind === "arrivals") new Arrivals(some, requests).come(plan.perSecond / clients.length).catch(fail);
    else for (const [place, client] of some.entries()) drive(client, requests, place, plan.perSecond).catch(fail);
  }
}

process.on("message", (order: TrafficOrder) => {
  if ("tell" in order) {
    process.send?.(tally.result());
    tally = new Tally();
  } else
    run(order.plan).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
      process.disconnect();
    });
});
// Connections are open, and nobody is there any more to whom it would be told what became of them.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

import { setTimeout as pause } from "node:timers/promises";
import { processorTime } from "#test/bench/processor-time.js";
import { everyday, inBase64 } from "./loads.js";
import { queryMessage } from "./messages.js";
import { isServed, memoryOf, type Target } from "./target.js";
import { quantile, Traffic, type TrafficPlan, type TrafficResult } from "./traffic.js";

/** How many times what can be done is asked for. */
const overloadFactor = 4;
/** Of that, what has really to be asked for. */
const offeredAtLeast = 0.95;
/** Of what can be done, what has to be done. */
const goodputAtLeast = 0.8;
/** A refusal takes at most so many milliseconds. */
const refusedWithin = 100;
/** The longest that the server puts off the next request of a connection that it refused, in milliseconds. */
const heldBackWithin = 1000;
/** What a server may take more in an overload than when it is fully at work, in bytes. */
const memoryAllowed = 100 * 1024 * 1024;
/** As many as a server works on at once for one tenant: more do not get more out of it. */
const steadyConnections = 64;

/** A phase of a load, the seconds of processor time that it took the server and its HSM workers, and the server's memory. */
interface Phase extends TrafficResult {
  readonly serverSeconds: number;
  /** In bytes, at its end. */
  readonly memory: number;
}

/** All phases of one kind. */
class Phases {
  private readonly all: Phase[] = [];

  add(phase: Phase): void {
    this.all.push(phase);
  }

  sum(of: (phase: Phase) => number): number {
    return this.all.reduce((sum, phase) => sum + of(phase), 0);
  }

  times(of: (phase: Phase) => readonly number[]): number[] {
    return this.all.flatMap(of);
  }

  /** So much a second. */
  rate(of: (phase: Phase) => number): number {
    return this.sum(of) / this.sum(({ seconds }) => seconds);
  }

  /** The most memory in bytes. */
  get memory(): number {
    return Math.max(...this.all.map(({ memory }) => memory));
  }

  get done(): number {
    return this.rate(({ times }) => times.length);
  }

  /** How many processors were busy. */
  get processors(): string {
    const [server, clients] = [({ serverSeconds }: Phase) => serverSeconds, (one: Phase) => one.processorSeconds];
    return `server ${this.rate(server).toFixed(2)}, clients ${this.rate(clients).toFixed(2)} processors`;
  }
}

async function measured({ server, sizes, verdict }: Target, plan: TrafficPlan): Promise<Phase> {
  const spent = (): number => [...processorTime(server.process.pid ?? 0).values()].reduce((sum, one) => sum + one, 0);
  const traffic = await Traffic.start(plan);
  await pause(1000);
  await traffic.told();
  const before = spent();
  await pause(sizes.seconds * 1000);
  const told = await traffic.told();
  const serverSeconds = (spent() - before) / 1_000_000;
  const memory = memoryOf(server);
  await traffic.stop();
  verdict.check("no request fails but by a refusal", told.failures === 0, `${told.failures} failures`);
  return { ...told, serverSeconds, memory };
}

/** Enough is asked for, and enough of it is done. */
function checkGoodput({ verdict, sizes: { judgesTime } }: Target, usual: Phases, much: Phases): void {
  const notJudged = judgesTime ? "" : " (not judged)";
  const rate = (value: number): string => `${value.toFixed(0)}/s`;
  const refused = much.rate(({ refusedTimes, refusedAgainTimes }) => refusedTimes.length + refusedAgainTimes.length);
  const unsent = much.rate((phase) => phase.unsent);
  const offered = much.rate((phase) => phase.offered);
  verdict.check(
    `${overloadFactor} times what can be done is asked for${notJudged}`,
    !judgesTime || offered >= offeredAtLeast * overloadFactor * usual.done,
    `${rate(usual.done)} can be done, ${rate(offered)} asked for: ${rate(much.done)} done, ${rate(refused)} refused, ${rate(unsent)} given up by clients whose connection was not free`,
  );
  verdict.check("what is too much is refused", refused > 0, rate(refused));
  const part = much.done / usual.done;
  verdict.check(
    `at least 80 % is done of what can be done${notJudged}`,
    !judgesTime || part >= goodputAtLeast,
    `${(part * 100).toFixed(0)} %; without overload ${usual.processors}, with it ${much.processors}`,
  );
}

/** What is not done is refused at once; only who asks again at once has to wait. */
function checkRefusals({ verdict, sizes: { judgesTime } }: Target, much: Phases): void {
  const notJudged = judgesTime ? "" : " (not judged)";
  const figures = (times: readonly number[]): string =>
    `p99 ${quantile(times, 0.99).toFixed(0)} ms, p50 ${quantile(times, 0.5).toFixed(0)} ms of ${times.length}`;
  const first = much.times(({ refusedTimes }) => refusedTimes);
  const usually = quantile(
    much.times(({ times }) => times),
    0.5,
  );
  verdict.check(
    `refusals are quick${notJudged}`,
    !judgesTime || quantile(first, 0.99) <= refusedWithin,
    `${figures(first)}; what is done takes ${usually.toFixed(0)} ms`,
  );
  const again = much.times(({ refusedAgainTimes }) => refusedAgainTimes);
  verdict.check(
    `who was refused and asks again is answered within ${heldBackWithin + refusedWithin} ms${notJudged}`,
    !judgesTime || quantile(again, 0.99) <= heldBackWithin + refusedWithin,
    figures(again),
  );
}

/**
 * Many times as many requests as can be done. What can be done is what clients get that ask without a pause; then
 * requests arrive at a rate, whatever becomes of those before them, and each waits for one of many connections.
 */
export async function overload(target: Target): Promise<void> {
  const { server, identity, sizes, verdict, done, progress } = target;
  const requests = [inBase64((await everyday(target, identity)).slice(0, 3))];
  const to = { port: server.kmipPort, identities: [identity], requests };
  const [usual, much] = [new Phases(), new Phases()];
  for (let round = 0; round < sizes.rounds; round += 1) {
    const one = await measured(target, { ...to, kind: "requests", connections: steadyConnections });
    usual.add(one);
    const perSecond = (overloadFactor * one.times.length) / one.seconds;
    much.add(await measured(target, { ...to, kind: "arrivals", connections: sizes.overload, perSecond }));
    progress(`${usual.done.toFixed(0)}/s can be done, ${much.done.toFixed(0)}/s are in an overload`);
  }
  const served = much.sum(({ times }) => times.length);
  const refused = much.sum(({ refusedTimes, refusedAgainTimes }) => refusedTimes.length + refusedAgainTimes.length);
  done.requests += served + refused;
  done.faults += sizes.rounds;
  checkGoodput(target, usual, much);
  checkRefusals(target, much);
  const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);
  verdict.check(
    "overload does not grow the server",
    much.memory - usual.memory <= memoryAllowed,
    `${mebibytes(much.memory)} MiB at most, ${mebibytes(usual.memory)} MiB without it`,
  );
  const isThere = await isServed(server, queryMessage());
  verdict.check("the server serves after it", isThere, isThere ? "served" : "not served");
}

import { setTimeout as pause } from "node:timers/promises";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, nameOf } from "#test/support/kmip-actions.js";
import type { ClientIdentity, KmipClient } from "#test/support/kmip-client.js";
import { connectTo } from "#test/support/server.js";
import {
  createMessage,
  encryptMessage,
  keyPairMessage,
  locateAllMessage,
  locateMessage,
  outcomeOf,
} from "./messages.js";
import { memoryOf, newTenant, type Target } from "./target.js";
import { quantile, Traffic, type TrafficPlan, type TrafficResult } from "./traffic.js";

/** Small tenants beside the one that floods, and what each asks for a second. */
const smallTenants = 9;
const smallPerSecond = 5;
const bytesPerConnection = 50 * 1024;

type Messages = readonly Buffer[];
/** Messages as a plan has them. */
export const inBase64 = (messages: Messages): readonly string[] => messages.map((one) => one.toString("base64"));

/** A key to encrypt with, and the messages of a client that does a bit of everything. */
export async function everyday(target: Target, identity: ClientIdentity): Promise<Messages> {
  const client = await connectTo(target.server, { identity });
  const { create, activate } = actionsOf(client, V2_1);
  const key = await create(nameOf("everyday"));
  await activate(key);
  await client.close();
  return [encryptMessage(key, 1024), locateMessage("everyday"), encryptMessage(key, 100), createMessage()];
}

/** What became of requests in quiet phases and in those with a load, which take turns. */
interface Compared {
  readonly quiet: number[];
  readonly loaded: number[];
  failures: number;
}

/** Watches traffic while a load comes and goes; `atItsEnd` is called each time while the load is still there. */
async function compare(
  { sizes, progress, done }: Target,
  watched: Traffic,
  load: () => Promise<Traffic>,
  atItsEnd: () => void = () => undefined,
) {
  const compared: Compared = { quiet: [], loaded: [], failures: 0 };
  const results: TrafficResult[] = [];
  const phase = async (times: number[]): Promise<void> => {
    await pause(500);
    await watched.told();
    await pause(sizes.seconds * 1000);
    const told = await watched.told();
    times.push(...told.times);
    compared.failures += told.failures + told.refusedTimes.length;
    done.requests += told.times.length;
  };
  for (let round = 0; round < sizes.rounds; round += 1) {
    await phase(compared.quiet);
    const loading = await load();
    await phase(compared.loaded);
    atItsEnd();
    results.push(await loading.told());
    await loading.stop();
    const [quiet, loaded] = [compared.quiet, compared.loaded].map((times) => quantile(times, 0.99).toFixed(0));
    progress(`p99 ${quiet} ms quiet, ${loaded} ms under load`);
  }
  done.faults += sizes.rounds;
  return { compared, results };
}

function checkRatio(
  { verdict, sizes }: Target,
  what: string,
  { quiet, loaded, failures }: Compared,
  most: number,
): void {
  const isMeasured = quiet.length > 0 && loaded.length > 0;
  const failed = `${failures} of ${quiet.length + loaded.length + failures} were not`;
  const told = isMeasured ? failed : "nothing was measured";
  verdict.check(`${what}: all are answered`, isMeasured && failures === 0, told);
  const [before, after] = [quantile(quiet, 0.99), quantile(loaded, 0.99)];
  const figure = `p99 ${before.toFixed(1)} ms quiet, ${after.toFixed(1)} ms, ${(after / before).toFixed(2)} times; p50 ${quantile(quiet, 0.5).toFixed(1)} and ${quantile(loaded, 0.5).toFixed(1)} ms`;
  const isJudged = sizes.judgesTime;
  verdict.check(
    `${what}: p99 at most ${most} times${isJudged ? "" : " (not judged)"}`,
    !isJudged || after <= most * before,
    figure,
  );
}

/** Makes so many keys, over some connections at once. */
async function makeKeys({ server, done }: Target, identity: ClientIdentity, count: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: 16 }, () => connectTo(server, { identity })));
  const request = createMessage();
  const lane = async (client: KmipClient, first: number): Promise<void> => {
    for (let made = first; made < count; made += clients.length) {
      if (outcomeOf(await client.exchange(request)) !== "success") throw new Error("a key could not be made");
    }
  };
  await Promise.all(clients.map(lane));
  done.requests += count;
  await Promise.all(clients.map((client) => client.close()));
}

/** One tenant, which has many keys, floods while nine others ask a little. */
export async function fairness(target: Target): Promise<void> {
  const { server, identity, sizes, done } = target;
  const identities: ClientIdentity[] = [];
  const requests: (readonly string[])[] = [];
  for (let number = 0; number < smallTenants; number += 1) {
    const small = await newTenant(server, `small-${number}`);
    identities.push(small);
    requests.push(inBase64(await everyday(target, small)));
  }
  await makeKeys(target, identity, sizes.keys);
  const port = server.kmipPort;
  const heavy = [...(await everyday(target, identity)), locateAllMessage(), keyPairMessage(2048), createMessage()];
  const plan: TrafficPlan = { kind: "requests", port, identities, requests, connections: 1, perSecond: smallPerSecond };
  const flood: TrafficPlan = {
    kind: "requests",
    port,
    identities: [identity],
    requests: [inBase64(heavy)],
    connections: sizes.loud,
  };
  const watched = await Traffic.start(plan);
  try {
    const { compared, results } = await compare(target, watched, () => Traffic.start(flood));
    const flooded = results.reduce((sum, { times }) => sum + times.length, 0);
    done.requests += flooded;
    target.verdict.check("the flooding tenant is served too", flooded > 0, `${flooded} requests`);
    checkRatio(target, "small tenants beside one that floods", compared, 2);
  } finally {
    await watched.stop();
  }
}

/** A few clients that do a bit of everything, on connections that stay open. */
async function someAtWork(target: Target): Promise<Traffic> {
  const { server, identity } = target;
  const requests = [inBase64(await everyday(target, identity))];
  const identities = [identity];
  return Traffic.start({ kind: "requests", port: server.kmipPort, identities, requests, connections: 8, perSecond: 5 });
}

/** Clients that connect again and again while others are at work on open connections. */
export async function storm(target: Target): Promise<void> {
  const { server, identity, sizes, verdict, done } = target;
  const port = server.kmipPort;
  const watched = await someAtWork(target);
  try {
    const plan: TrafficPlan = { kind: "handshakes", port, identities: [identity], perSecond: sizes.handshakes };
    const { compared, results } = await compare(target, watched, () => Traffic.start(plan));
    const shaken = results.reduce((sum, { times }) => sum + times.length, 0);
    const failed = results.reduce((sum, { failures }) => sum + failures, 0);
    done.connections += shaken;
    const rate = shaken / results.reduce((sum, { seconds }) => sum + seconds, 0);
    const figure = `${shaken} done, ${failed} failed, ${rate.toFixed(0)} a second of ${sizes.handshakes} asked for`;
    verdict.check("honest handshakes of a storm succeed", shaken > 0 && failed <= shaken / 100, figure);
    checkRatio(target, "open connections in a storm of handshakes", compared, 2);
  } finally {
    await watched.stop();
  }
}

/** Connections that say nothing, held while others are at work. */
export async function idle(target: Target): Promise<void> {
  const { server, identity, sizes, verdict, done } = target;
  const port = server.kmipPort;
  const watched = await someAtWork(target);
  let grown = 0;
  let dropped = 0;
  try {
    const plan: TrafficPlan = { kind: "idle", port, identities: [identity], connections: sizes.idle };
    let before = 0;
    const hold = (): Promise<Traffic> => {
      before = memoryOf(server);
      return Traffic.start(plan);
    };
    // What their handshakes needed is no part of what idle connections take.
    const { compared, results } = await compare(target, watched, hold, () => {
      grown = Math.max(grown, memoryOf(server) - before);
    });
    dropped = results.reduce((sum, { failures }) => sum + failures, 0);
    done.connections += sizes.idle * sizes.rounds;
    verdict.check("no idle connection is dropped", dropped === 0, `${dropped} of ${sizes.idle}`);
    const each = grown / sizes.idle;
    // Of few connections the usual ups and downs of memory are more than what they take.
    const isJudged = sizes.idle >= 1000;
    const name = `an idle connection takes at most 50 KiB${isJudged ? "" : " (not judged)"}`;
    verdict.check(
      name,
      !isJudged || each <= bytesPerConnection,
      `${(each / 1024).toFixed(1)} KiB of each of ${sizes.idle}`,
    );
    checkRatio(target, "clients at work beside idle connections", compared, 1.2);
  } finally {
    await watched.stop();
  }
}

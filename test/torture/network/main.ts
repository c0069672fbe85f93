/** `npm run torture:network`: what networks, slow and hostile peers and too much load do to a server. */
import { amountOf, type HarnessValues, runHarness, UsageError } from "#test/harness/program.js";
import { conclude, seedOf, Verdict } from "#test/harness/verdict.js";
import type { TestServer } from "#test/support/server.js";
import { cutParts } from "./cuts.js";
import { floods } from "./floods.js";
import { fairness, idle, storm } from "./loads.js";
import { malformedBytes } from "./malformed.js";
import { overload } from "./overload.js";
import { slowPeers } from "./slow.js";
import { type Done, demoIdentity, onServer, randomOf, type Sizes, type Target } from "./target.js";

const usage = `Attacks a server over the network, and checks that it ends what is to be ended, keeps what it answered, does nothing
unaudited, holds no more memory and sockets than before, and serves others meanwhile.

  npm run torture:network -- [options]

  --part LIST         which parts, separated by commas (default: all): cuts, slow, floods, malformed, fairness, storm,
                      overload, idle
  --step N            cut at every how manyth byte of a request, of its record and of its answer (default 4)
  --flood N           requests of a connection that does not read (default 4000)
  --malformed N       pieces of malformed bytes of each of four kinds (default 300)
  --seconds N         length of each phase of a load; quiet and loaded phases take turns (default 10)
  --rounds N          how often they do (default 3)
  --loud N            connections of the tenant that floods (default 64)
  --keys N            keys that this tenant has before it does (default 5000)
  --handshakes N      handshakes a second of a storm (default 200)
  --overload N        connections of an overload; over each one request at a time (default 400)
  --idle N            idle connections that are held (default 2000)
  --patience N        seconds that handshakes, messages and answers may take in the server (default 3)
  --long              cut at every byte, 5,000 malformed pieces of each kind, phases of 60 s, 10,000 idle connections for 15
                      minutes
  --ignore-time       judge no times, where the machine is busy with other things
  --seed N            repeats what is chosen at random (default: random)
  --json              print the result as JSON
`;

const parts: Readonly<Record<string, (target: Target) => Promise<void>>> = {
  cuts: cutParts,
  slow: slowPeers,
  floods,
  malformed: malformedBytes,
};

/** Parts under the usual limits of time, each with a server of its own. */
const loads: Readonly<
  Record<string, readonly [part: (target: Target) => Promise<void>, limits: Readonly<Record<string, number>>]>
> = {
  fairness: [fairness, {}],
  storm: [storm, {}],
  overload: [overload, { maximumWaitingRequests: 64 }],
  idle: [idle, {}],
};

const options = {
  part: { type: "string", default: "cuts,slow,floods,malformed,fairness,storm,overload,idle" },
  step: { type: "string" },
  flood: { type: "string", default: "4000" },
  malformed: { type: "string" },
  seconds: { type: "string" },
  rounds: { type: "string", default: "3" },
  loud: { type: "string", default: "64" },
  keys: { type: "string", default: "5000" },
  handshakes: { type: "string", default: "200" },
  overload: { type: "string", default: "400" },
  idle: { type: "string" },
  patience: { type: "string", default: "3" },
  long: { type: "boolean", default: false },
  "ignore-time": { type: "boolean", default: false },
} as const;

type Values = HarnessValues<typeof options>;

function sizesOf(values: Values): Sizes {
  return {
    step: amountOf(values.step ?? (values.long ? 1 : 4)),
    flood: amountOf(values.flood),
    malformed: amountOf(values.malformed ?? (values.long ? 5000 : 300)),
    seconds: amountOf(values.seconds ?? (values.long ? 60 : 10)),
    rounds: amountOf(values.rounds),
    loud: amountOf(values.loud),
    keys: amountOf(values.keys),
    handshakes: amountOf(values.handshakes),
    overload: amountOf(values.overload),
    idle: amountOf(values.idle ?? (values.long ? 10_000 : 2000)),
    judgesTime: !values["ignore-time"],
  };
}

async function main(values: Values): Promise<number> {
  const seed = seedOf(values.seed);
  const verdict = new Verdict("torture:network", seed);
  const done: Done = { faults: 0, requests: 0, connections: 0 };
  const sizes = sizesOf(values);
  const patience = amountOf(values.patience);
  const limits = { handshakeSeconds: patience, messageSeconds: patience, writeSeconds: patience, idleSeconds: 600 };
  const progress = (message: string): void => void process.stderr.write(`${message}\n`);
  const chosen = values.part.split(",");
  const unknown = chosen.find((name) => parts[name] === undefined && loads[name] === undefined);
  if (unknown !== undefined) throw new UsageError(`there is no part "${unknown}"`);
  const targetOf = (server: TestServer, sized = sizes): Target => {
    const identity = demoIdentity(server);
    return { server, identity, verdict, random: randomOf(seed), sizes: sized, patience, done, progress };
  };
  const behaviours = chosen.flatMap((name) => parts[name] ?? []);
  if (behaviours.length > 0) {
    await onServer(limits, async (server) => {
      for (const part of behaviours) await part(targetOf(server));
    });
  }
  for (const name of chosen) {
    const load = loads[name];
    if (load === undefined) continue;
    progress(name);
    const isHeld = name === "idle" && values.long;
    await onServer(load[1], (server) =>
      load[0](targetOf(server, isHeld ? { ...sizes, seconds: 900, rounds: 1 } : sizes)),
    );
  }
  return conclude(verdict.result({ ...done }, ["faults", "requests"]), values.json);
}

await runHarness(usage, options, main);

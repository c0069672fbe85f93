/** Sends the load of a plan and reports the result; started by main.ts, which talks to it over the process's channel. */
import { KmipClient } from "#test/support/kmip-client.js";
import type { LoadPlan, LoadResult } from "./load-plan.js";

class Tally {
  successes = 0;
  errors = 0;
  readonly times: number[] = [];
}

async function drive(client: KmipClient, plan: LoadPlan, first: number, until: number, tally: Tally): Promise<void> {
  const requests = plan.requests.map((request) => Buffer.from(request, "base64"));
  const marks = plan.mustContain.map((mark) => Buffer.from(mark, "hex"));
  for (let next = first; performance.now() < until; next += 1) {
    const request = requests[next % requests.length];
    if (request === undefined) throw new RangeError("a plan without requests");
    const start = performance.now();
    const answer = await client.exchange(request);
    if (marks.every((mark) => answer.includes(mark))) {
      tally.successes += 1;
      tally.times.push(performance.now() - start);
    } else {
      tally.errors += 1;
    }
  }
}

async function phase(clients: readonly KmipClient[], plan: LoadPlan, seconds: number): Promise<[Tally, number]> {
  const tally = new Tally();
  const start = performance.now();
  const until = start + seconds * 1000;
  const apart = Math.ceil(plan.requests.length / clients.length);
  await Promise.all(clients.map((client, index) => drive(client, plan, index * apart, until, tally)));
  return [tally, (performance.now() - start) / 1000];
}

async function run(plan: LoadPlan): Promise<LoadResult> {
  const clients: KmipClient[] = [];
  for (let index = 0; index < plan.connections; index += 1) {
    clients.push(await KmipClient.connect({ port: plan.port, identity: plan.identity }));
  }
  try {
    const before = process.cpuUsage();
    const [warmUp] = await phase(clients, plan, plan.warmUpSeconds);
    const [tally, seconds] = await phase(clients, plan, plan.seconds);
    const { user, system } = process.cpuUsage(before);
    const exchanges = [warmUp, tally].reduce((sum, { successes, errors }) => sum + successes + errors, 0);
    const sorted = tally.times.sort((one, other) => one - other);
    const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
    return {
      successes: tally.successes,
      errors: tally.errors,
      seconds,
      requestsPerSecond: tally.successes / seconds,
      p50Milliseconds: at(0.5),
      p99Milliseconds: at(0.99),
      exchanges,
      loadMicroseconds: (user + system) / exchanges,
    };
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

process.once("message", (plan: LoadPlan) => {
  run(plan).then(
    (result) => process.send?.(result, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
      process.disconnect();
    },
  );
});

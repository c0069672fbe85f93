import type { Runtime } from "#src/administration/runtime.js";
import { GrantedRates } from "#src/pipeline/turns/granted-rates.js";
import { PairMaking } from "#src/pipeline/turns/pair-making.js";
import { type Asker, type TurnLimits, Turns } from "#src/pipeline/turns/turns.js";
import { type RefusalObserver, WorkSharing } from "#src/pipeline/turns/work-sharing.js";
import type { Metrics } from "#src/telemetry/metrics.js";

/** Requests that a tenant can have in work whatever others do. */
const leastInWork = 4;

/** Requests of a tenant for each worker of its partition: one that it works on, and one that comes next. */
const perWorker = 2;

/** Bytes of requests that wait: as many as two of the longest have, and no fewer than these. */
const waitingBytes = 64 * 1024 * 1024;

/** Key pairs of a tenant that are made at once: one in the token, the others on their way. */
const pairsAtOnce = 4;

/** How requests share what a server process can do, told to metrics and events. */
export function workSharingOf(runtime: Runtime, metrics: Metrics): WorkSharing {
  const { configuration, siblings } = runtime;
  const now = (): number => performance.now();
  const turns = new Turns(turnLimits(runtime), now);
  metrics.beforeExposition(() => {
    metrics.set("requestsInWork", {}, turns.inWork);
    metrics.set("requestsWaiting", {}, turns.waiting);
  });
  return new WorkSharing({
    turns,
    rates: new GrantedRates(now, siblings),
    pairs: new PairMaking({ atOnce: pairsAtOnce, waiting: configuration.kmip.limits.maximumWaitingPairs }),
    refused: refusalsTold(runtime, metrics),
    waited: (seconds) => metrics.observe("requestWaitSeconds", {}, seconds),
    now,
  });
}

/** A token that does several things at once is kept busy also while several tenants ask. */
function turnLimits({ configuration }: Runtime): TurnLimits {
  const { maximumConcurrentRequests, sharedConcurrentRequests, maximumWaitingRequests, waitSeconds } =
    configuration.kmip.limits;
  const busy = configuration.hsm.workersPerPartition * perWorker;
  const least = Math.max(leastInWork, busy);
  return {
    alone: Math.max(maximumConcurrentRequests, least),
    together: Math.max(sharedConcurrentRequests, least),
    least,
    waiting: maximumWaitingRequests,
    waitingBytes: Math.max(waitingBytes, configuration.kmip.limits.maximumMessageBytes * 2),
    waitMilliseconds: waitSeconds * 1000,
  };
}

function refusalsTold({ events }: Runtime, metrics: Metrics): RefusalObserver {
  return ({ tenant, tenantName, client, clientName }: Asker, refusal) => {
    metrics.count("requestsRefused", { tenant: tenantName, why: refusal.why });
    // A client that has left was refused nothing.
    if (refusal.why === "left") return;
    const kind = refusal.isOfQuota ? "quota-reached" : "requests-refused";
    const concerned = clientName === null ? {} : { tenantId: tenant };
    events.raise({ kind, ...concerned, detail: { why: refusal.why, client: clientName ?? client } });
  };
}

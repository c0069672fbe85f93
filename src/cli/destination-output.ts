import type { DestinationSummary } from "#src/administration/destinations.js";
import { printFacts, printJson } from "./output.js";

/** Writes one destination. */
export async function printDestination(destination: DestinationSummary, json: boolean | undefined): Promise<void> {
  if (json) return printJson(destination);
  const { tenant, name, address, client, version, subscribe, waiting, dropped, lastDeliveredAt, lastError } =
    destination;
  await printFacts([
    ["Destination", name],
    ["Tenant", tenant],
    ["Where", address ?? `client ${client ?? "(gone)"}`],
    ["KMIP", version ?? "as the destination says"],
    ["Notices of", subscribe.length === 0 ? "nothing" : subscribe.join(", ")],
    ["Waiting", String(waiting)],
    ["Dropped", String(dropped)],
    ["Last delivered", lastDeliveredAt ?? "never"],
    ["Last error", lastError ?? "none"],
  ]);
}

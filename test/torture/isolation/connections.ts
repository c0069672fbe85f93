/** Clients of a suspended tenant and clients that were revoked: nothing is served to them, on no connection. */
import { Operation, ResultReason } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { ConnectionLost, type KmipClient } from "#test/support/kmip-client.js";
import { requestMessageItem } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity } from "#test/support/server.js";
import { toldBy } from "./answers.js";
import { payloadOf } from "./payloads.js";
import type { PlacedOperation } from "./places.js";
import { usualFields } from "./usual.js";
import type { World } from "./world.js";

/** Ways to be shut out. */
export const exclusions = ["suspended tenant", "revoked client"] as const;
export type Exclusion = (typeof exclusions)[number];

/** What came of one kind of client being shut out. */
export interface Shut {
  readonly cells: number;
  readonly wrong: readonly string[];
  /** Connections that were open before and ended at once. */
  readonly cut: number;
  /** Requests that were refused, each with its record in the audit trail. */
  readonly refused: number;
}

/** Connections of one client at once: there are limits. */
const together = 8;

/** Shuts out a client that has connections open, and asks every operation over one of those and over a new one. */
export async function shutOut(world: World, placed: readonly PlacedOperation[], exclusion: Exclusion): Promise<Shut> {
  const { server, witness } = world;
  const { administration } = server;
  const tenant = exclusion.replace(" ", "-");
  const tenantId = await administration.createTenant(tenant, JSON.stringify({ interoperabilityTests: true }));
  const found: { wrong: string[]; cut: number; refused: number } = { wrong: [], cut: 0, refused: 0 };
  for (let from = 0; from < placed.length; from += together) {
    const some = placed.slice(from, from + together);
    const name = `client-${from}`;
    const identity = readIdentity(await administration.issueClient(tenant, name));
    const open = await Promise.all(some.map(() => connectTo(server, { identity })));
    await serveAll(open, found.wrong);
    const before = await witness.footprint(tenantId);
    const isTenant = exclusion === "suspended tenant";
    await (isTenant ? administration.suspendTenant(tenant) : administration.revokeClient(tenant, name));
    const footprint = await witness.footprint(tenantId);
    if (isTenant && footprint !== before) found.wrong.push("suspending a tenant changes what it has");
    const audited = await witness.lastAudited(tenantId);
    const refusedBefore = found.refused;
    for (const [place, operation] of some.entries()) {
      await askShut(operation, open[place], found, "an open connection");
      await askShut(operation, await connectTo(server, { identity }).catch(() => undefined), found, "a new connection");
    }
    const refusals = (await witness.auditedSince(tenantId, audited)).filter(({ outcome }) => outcome === "failure");
    if (refusals.length !== found.refused - refusedBefore)
      found.wrong.push(
        `${found.refused - refusedBefore} requests were refused, ${refusals.length} refusals are in the audit`,
      );
    if ((await witness.footprint(tenantId)) !== footprint) found.wrong.push("something of the tenant has changed");
    if (isTenant) await administration.resumeTenant(tenant);
  }
  return { ...found, cells: placed.length * 2 };
}

/** All are served while nothing speaks against it: else the refusals would prove nothing. */
async function serveAll(clients: readonly KmipClient[], wrong: string[]): Promise<void> {
  const ping = requestMessageItem(V2_1, [{ operation: Operation.Ping, payload: {} }]);
  for (const client of clients) {
    if (!toldBy(await client.request(ping)).succeeded) wrong.push("a client was refused before it was shut out");
  }
}

async function askShut(
  placed: PlacedOperation,
  client: KmipClient | undefined,
  found: { wrong: string[]; cut: number; refused: number },
  connection: string,
): Promise<void> {
  if (client === undefined) {
    found.cut += 1;
    return;
  }
  const { code, name } = placed.operation;
  const payload = payloadOf(placed, usualFields(name), V2_1);
  try {
    const { reason, succeeded, items } = toldBy(
      await client.request(requestMessageItem(V2_1, [{ operation: code, payload }])),
    );
    if (succeeded || reason !== ResultReason.AuthenticationNotSuccessful)
      found.wrong.push(`${name} over ${connection} was answered with reason ${reason}`);
    found.refused += items;
  } catch (error) {
    if (!(error instanceof ConnectionLost) || error.isTimeout) throw error;
    found.cut += 1;
  } finally {
    await client.close();
  }
}

import { randomUUID } from "node:crypto";
import t from "tap";
import { Operation } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { Deliverer } from "#src/jobs/deliverer.js";
import { change } from "#storage/changes.js";
import type { DestinationRow } from "#storage/destination-types.js";
import { onEveryDatabase } from "#test/support/databases.js";
import { tenantRow } from "#test/support/rows.js";

const nobody = { info: () => undefined, warn: () => undefined, error: () => undefined };

function destinationRow(tenantId: string): DestinationRow {
  return {
    id: randomUUID(),
    tenantId,
    name: "receiver",
    kind: "address",
    host: "192.0.2.1",
    port: 5696,
    clientId: null,
    certificatePem: null,
    sealedKey: null,
    authorityPem: null,
    protocolVersion: null,
    subscription: "[]",
    createdAt: 0,
    failures: 0,
    nextAttemptAt: 0,
    lastError: null,
    lastDeliveredAt: null,
    dropped: 0,
    claimedBy: null,
    claimedUntil: 0,
  };
}

await onEveryDatabase(t, async (t, { database }) => {
  await t.test("a node has a destination for itself until the last of its messages is delivered", async (t) => {
    const tenant = tenantRow();
    const destination = destinationRow(tenant.id);
    await database.commit([change("tenants", "create", tenant), change("destinations", "create", destination)]);
    for (let queuedAt = 0; queuedAt < 3; queuedAt += 1) {
      const delivery = { id: randomUUID(), tenantId: tenant.id, destinationId: destination.id, queuedAt };
      const message = { operation: Operation.Notify, objectId: "object", detail: "{}", expiresAt: 2 ** 50 };
      await database.commit([change("destinations", "queue", { ...delivery, ...message }, 10)]);
    }
    const claims: (DestinationRow | null)[] = [];
    const current = () => database.read.destinations.byName(tenant.id, destination.name);
    const done = new Promise<void>((resolve) => {
      const deliverer = new Deliverer({
        database,
        log: nobody,
        reaches: () => true,
        open: async () => ({
          close: () => resolve(deliverer.stop()),
          async deliver() {
            claims.push(await current());
            return { reason: null, version: V2_1 };
          },
        }),
        auditAppended: () => undefined,
        now: () => Date.now(),
      });
      deliverer.start();
    });
    await done;
    t.equal(claims.length, 3);
    for (const claim of claims) {
      t.equal(claim?.claimedBy, "node-1");
      t.ok((claim?.claimedUntil ?? 0) > Date.now());
    }
    t.equal((await current())?.claimedUntil, 0, "and then it is free");
  });
});

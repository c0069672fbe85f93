import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { Operation } from "#protocol/enums/index.js";
import { discoverVersionsResponse } from "#protocol/payloads/discover-versions.js";
import { type LocateResponse, locateRequest } from "#protocol/payloads/locate.js";
import { Tag } from "#protocol/tags.js";
import { supportedVersions, V1_0, V1_1, V1_4 } from "#protocol/versions.js";
import { loadConfiguration } from "#src/config/load.js";
import { actionsOf, instance } from "#test/support/kmip-actions.js";
import { ask, askFor } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
t.teardown(() => server.stop());

/** What the log holds that somebody would be woken for, or would read with a frown. */
function alarms(): readonly string[] {
  return server
    .output()
    .split("\n")
    .filter((line) => /"level":"(warn|error|fatal)"/.test(line));
}

/** Connects, asks for the versions, and closes, as vCenter does. Gives how many versions were told. */
async function shortVisit(): Promise<number> {
  const client = await connectTo(server, { maxVersion: "TLSv1.2" });
  const { item } = await ask(client, V1_1, {
    operation: Operation.DiscoverVersions,
    payload: { protocolVersions: [] },
  });
  await client.close();
  if (item.responsePayload === undefined) throw new RangeError("Discover Versions has a payload");
  return discoverVersionsResponse.decode(item.responsePayload, { version: V1_1 }).protocolVersions.length;
}

t.test("hundreds of short connections, three side by side, are each served", async (t) => {
  const told = new Set<number>();
  for (let round = 0; round < 60; round += 1) {
    for (const count of await Promise.all([shortVisit(), shortVisit(), shortVisit()])) told.add(count);
  }
  t.strictSame([...told], [supportedVersions.length]);
});

t.test(
  "clients that connect and close without a word, with TLS and without, raise no alarm and are served",
  async (t) => {
    const before = alarms();
    for (let count = 0; count < 10; count += 1) {
      const socket = connectTcp({ port: server.kmipPort, host: "127.0.0.1" });
      await once(socket, "connect");
      socket.destroy();
      const client = await connectTo(server);
      client.end();
      await client.closed;
    }
    t.equal(await shortVisit(), supportedVersions.length);
    t.strictSame(alarms(), before);
    t.notMatch(await server.administration.exportAudit(), /"operation":"\(connection\)"/);
  },
);

t.test("connections may rest for ten minutes and more where nothing else is configured", async (t) => {
  const { limits } = loadConfiguration({ environment: {} }).kmip;
  t.ok(limits.idleSeconds >= 600);
});

t.test(
  "a client of 1.0 that pages by Offset Items comes to the end, sees every key once and its ids fit",
  async (t) => {
    const client = await connectTo(server);
    const group = instance(attributes.objectGroup, "paged");
    const made = new Set<string>();
    for (let count = 0; count < 35; count += 1) made.add(await actionsOf(client, V1_4).create(group));
    const found: string[] = [];
    const sizes: number[] = [];
    for (let page: readonly string[] = [""]; page.length > 0 && sizes.length < 10; ) {
      const paged = { maximumItems: 16, offsetItems: found.length, attributes: [group] };
      // Offset Items came with 1.3; such clients send it under a header of 1.0.
      const payload = locateRequest.encode(Tag.RequestPayload, paged, { version: V1_4 });
      const answered = await askFor<LocateResponse>(client, V1_0, Operation.Locate, payload);
      t.equal(answered.locatedItems, undefined, "a field of 1.3");
      page = answered.uniqueIdentifiers;
      found.push(...page);
      sizes.push(page.length);
    }
    t.strictSame(sizes, [16, 16, 3, 0]);
    t.strictSame(new Set(found), made);
    t.ok(found.every((id) => /^[0-9a-f-]{36}$/.test(id)));
    await client.close();
  },
);

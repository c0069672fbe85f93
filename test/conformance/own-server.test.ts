import t from "tap";
import { startOwnServer } from "#conformance/own-server.js";
import { Operation, ResultStatus } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V3_0 } from "#protocol/versions.js";
import { KmipClient } from "#test/support/kmip-client.js";
import { structureItem, versionItem } from "#test/support/kmip-client-messages.js";
import { readIdentity } from "#test/support/server.js";

t.setTimeout(550_000);

function tagged(item: Item, tag: number): readonly Item[] {
  if (item.tag === tag) return [item];
  return item.type === ItemType.Structure ? item.value.flatMap((child) => tagged(child, tag)) : [];
}

const tenants = (...names: readonly string[]) => names.map((name) => ({ name, interoperabilityTests: true }));

t.test("a server for the cases of 3.0 speaks it, to a client of its tenant", async (t) => {
  const order = { tenants: tenants("v3-0", "v2-1"), clients: ["one"], experimentalVersions: ["3.0"] };
  const server = await startOwnServer(order);
  t.teardown(() => server.stop());
  const [folder = ""] = server.folders["v3-0"] ?? [];
  const client = await KmipClient.connect({ port: server.kmipPort, identity: readIdentity(folder) });
  t.teardown(() => client.close());
  const item = structureItem(
    Tag.BatchItem,
    { tag: Tag.Operation, type: ItemType.Enumeration, value: Operation.DiscoverVersions },
    structureItem(Tag.RequestPayload),
  );
  const header = structureItem(Tag.RequestHeader, versionItem(V3_0));
  const answer = await client.request(structureItem(Tag.RequestMessage, header, item));
  t.same(tagged(answer, Tag.ResultStatus), [
    { tag: Tag.ResultStatus, type: ItemType.Enumeration, value: ResultStatus.Success },
  ]);
  t.same(tagged(answer, Tag.ProtocolVersion).slice(0, 2), [versionItem(V3_0), versionItem(V3_0)]);
});

t.test("a server that cannot be made as ordered is not left running", async (t) => {
  const order = { tenants: tenants("v2-1", "v2-1"), clients: ["one"], experimentalVersions: [] };
  await t.rejects(startOwnServer(order), /did not start/);
});

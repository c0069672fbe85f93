import { join } from "node:path";
import t from "tap";
import { Operation, QueryFunction, ResultReason } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { type ProtocolVersion, V1_1, V1_2, V1_4 } from "#protocol/versions.js";
import { localActor } from "#src/administration/audit-record.js";
import { operations } from "#src/operations/index.js";
import { operationsReference } from "#src/operations/reference.js";
import { startWithAdmin } from "#test/support/admin.js";
import { echo, echoCode } from "#test/support/echo-operation.js";
import { KmipClient } from "#test/support/kmip-client.js";
import { type Answered, ask, askFor, structureItem } from "#test/support/kmip-client-messages.js";
import { readIdentity } from "#test/support/server.js";

const withEcho = [...operations, echo];
const server = await startWithAdmin({}, { operations: withEcho });
const connectAs = (folder: string): Promise<KmipClient> =>
  KmipClient.connect({ port: server.kmipPort, identity: readIdentity(folder) });
const client = await connectAs(join(server.home, "clients/demo/demo-client"));
t.teardown(async () => {
  await client.close();
  await server.end();
});

const word: Item = { tag: Tag.Data, type: ItemType.ByteString, value: Buffer.from("echo") };

const askEcho = (who: KmipClient, version: ProtocolVersion): Promise<Answered> =>
  ask(who, version, { operation: echoCode, payload: structureItem(Tag.RequestPayload, word) });

t.test("an operation of one file and one line is performed", async (t) => {
  const answered = await askEcho(client, V1_4);
  t.equal(answered.reason, undefined);
  t.same(answered.item.responsePayload, structureItem(Tag.ResponsePayload, word));
});

t.test("it is there in its versions only, and Query says so", async (t) => {
  const payload = { queryFunctions: [QueryFunction.QueryOperations] };
  const listed = async (version: ProtocolVersion): Promise<readonly number[]> =>
    (await askFor<{ operations: readonly number[] }>(client, version, Operation.Query, payload)).operations;
  t.ok((await listed(V1_2)).includes(echoCode));
  t.notOk((await listed(V1_1)).includes(echoCode));
  t.equal((await askEcho(client, V1_1)).reason, ResultReason.OperationNotSupported);
});

t.test("clients need its permission", async (t) => {
  const request = { tenant: "demo", name: "reader", permissions: ["read", "inquire"] } as const;
  const { folder } = await server.runtime.clients.issue(localActor, request);
  const reader = await connectAs(folder);
  t.equal((await askEcho(reader, V1_4)).reason, ResultReason.PermissionDenied);
  await reader.close();
});

t.test("audit and metrics know it by its name", async (t) => {
  const rows = await server.runtime.database.read.audit.list({}, 20);
  t.match(
    rows.filter(({ operation }) => operation === "Echo").map(({ outcome }) => outcome),
    ["failure", "success"],
  );
  const { text } = await server.metrics.exposition();
  t.match(text, /keyreeve_requests_total\{operation="Echo",status="success",reason="success"\} 1/);
  t.match(text, /keyreeve_requests_total\{operation="Echo",status="failure",reason="PermissionDenied"\} 1/);
});

t.test("the generated reference describes it", async (t) => {
  t.match(operationsReference(withEcho), /^\| Echo \| 1\.2 to 2\.1 \| use \|/m);
  t.notMatch(operationsReference(), /Echo/);
});

import t from "tap";
import { Operation, ResultReason, ResultStatus } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { ask, createKeyPayload } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const server = await startTestServer();
t.teardown(() => server.stop());
const { administration } = server;

await administration.issueClient("demo", "limited");
const client = await connectTo(server, { identity: readIdentity(clientFolder(server.home, "demo", "limited")) });
t.teardown(() => client.close());
const create = () => ask(client, V2_1, { operation: Operation.Create, payload: createKeyPayload() });

t.test("a client may do from its next request on what it was registered for, and nothing else", async (t) => {
  t.equal((await create()).status, ResultStatus.Success);
  await administration.changeClient("demo", "limited", JSON.stringify({ permissions: ["inquire", "read"] }));
  t.equal((await create()).reason, ResultReason.PermissionDenied);
  const query = await ask(client, V2_1, { operation: Operation.Query, payload: { queryFunctions: [1] } });
  t.equal(query.status, ResultStatus.Success);
  await administration.changeClient("demo", "limited", JSON.stringify({ permissions: ["create"] }));
  t.equal((await create()).status, ResultStatus.Success);
});

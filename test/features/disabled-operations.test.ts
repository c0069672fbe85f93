import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { Operation, QueryFunction, ResultReason } from "#protocol/enums/index.js";
import type { QueryResponse } from "#protocol/payloads/query.js";
import { V2_1 } from "#protocol/versions.js";
import { CryptokiClient } from "#test/support/cryptoki.js";
import { actionsOf } from "#test/support/kmip-actions.js";
import { ask, askFor, createKeyPayload } from "#test/support/kmip-client-messages.js";
import { connectTo, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

function homeWithDisabled(...names: readonly string[]): string {
  const home = startedHome();
  writeFileSync(join(home, "keyreeve.yaml"), `kmip:\n  disabledOperations: [${names.join(", ")}]\n`);
  return home;
}

t.test("a disabled operation is refused and not listed", async (t) => {
  const server = await startTestServer({ home: homeWithDisabled("Create", "Get Attributes") });
  t.teardown(() => server.stop());
  const client = await connectTo(server);
  t.teardown(() => client.close());
  const { reason } = await ask(client, V2_1, { operation: Operation.Create, payload: createKeyPayload() });
  t.equal(reason, ResultReason.OperationNotSupported);
  const functions = { queryFunctions: [QueryFunction.QueryOperations] };
  const { operations } = await askFor<QueryResponse>(client, V2_1, Operation.Query, functions);
  t.notOk(operations.includes(Operation.Create));
  t.notOk(operations.includes(Operation.GetAttributes));
  t.ok(operations.includes(Operation.Get));
});

t.test("a disabled operation is not performed for another operation either", async (t) => {
  const server = await startTestServer({ home: homeWithDisabled("Create") });
  t.teardown(() => server.stop());
  const client = await connectTo(server);
  t.teardown(() => client.close());
  const cryptoki = await CryptokiClient.initialise(client);
  const session = await cryptoki.openSession();
  const made = cryptoki.tryGenerateKey(session, { TOKEN: true, VALUE_LEN: 32 });
  const refused = await made.catch((error: unknown) => error);
  t.match(refused, { answered: { reason: ResultReason.OperationNotSupported } });
  t.same(await actionsOf(client, V2_1).locate(), [], "nothing was made");
});

t.test("a name that is no operation stops the start and says where names are found", async (t) => {
  const started = startTestServer({ home: homeWithDisabled("Creat") });
  await t.rejects(started, /there is no operation "Creat"; see docs\/operations.md/);
});

import t from "tap";
import { NameType, ObjectType, Operation, ResultStatus } from "#protocol/enums/index.js";
import { V1_4 } from "#protocol/versions.js";
import { ConnectionLost } from "#test/support/kmip-client.js";
import { ask, askFor, createKeyPayload, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startedHome, startTestServer, type TestServer } from "#test/support/server.js";

t.setTimeout(550_000);

interface Created {
  readonly uniqueIdentifier: string;
}

interface AuditLine {
  readonly operation: string;
  readonly objectId: string | null;
  readonly outcome: string;
}

const kills = 3;
const connections = 4;
const answersBeforeKill = 25;

/** Creates keys on several connections until the server is killed. Gives the identifiers that were answered. */
async function createUntilKilled(server: TestServer, round: number): Promise<readonly string[]> {
  const answered: string[] = [];
  let isKilled = false;
  const lane = async (index: number): Promise<void> => {
    const client = await connectTo(server);
    for (let count = 0; ; count += 1) {
      const payload = createKeyPayload(`round-${round}-${index}-${count}`);
      const made = await askFor<Created>(client, V1_4, Operation.Create, payload);
      answered.push(made.uniqueIdentifier);
      if (answered.length >= answersBeforeKill && !isKilled) {
        isKilled = true;
        server.process.kill("SIGKILL");
      }
    }
  };
  const lanes = Array.from({ length: connections }, (_, index) =>
    lane(index).catch((error: unknown) => {
      if (!(error instanceof ConnectionLost)) throw error;
    }),
  );
  await Promise.all(lanes);
  await server.kill();
  return answered;
}

t.test("a server killed while it creates keys loses none it answered, nor their audit", async (t) => {
  const home = startedHome();
  const answered: string[] = [];
  for (let round = 0; round < kills; round += 1) {
    answered.push(...(await createUntilKilled(await startTestServer({ home }), round)));
  }
  t.ok(answered.length >= kills * answersBeforeKill, `${answered.length} keys were answered`);
  t.equal(new Set(answered).size, answered.length, "no identifier twice");

  const server = await startTestServer({ home });
  t.teardown(() => server.stop());
  const client = await connectTo(server);
  const lost: string[] = [];
  for (const identifier of answered) {
    const payload = { uniqueIdentifier: named(identifier) };
    const { status } = await ask(client, V1_4, { operation: Operation.Get, payload });
    if (status !== ResultStatus.Success) lost.push(identifier);
  }
  await client.close();
  t.strictSame(lost, [], "every answered key can be got");

  const lines = (await server.administration.exportAudit()).trim().split("\n");
  const rows = lines.map((line) => JSON.parse(line) as AuditLine);
  const audited = new Set(rows.filter((row) => row.operation === "Create").map((row) => row.objectId));
  t.strictSame(
    answered.filter((identifier) => !audited.has(identifier)),
    [],
    "every answered Create is in the audit",
  );
  const chains = JSON.parse(await server.administration.verifyAudit()) as { rows: number; fault: unknown }[];
  t.ok(chains.length > 0, "there are chains to verify");
  t.strictSame(
    chains.filter(({ fault }) => fault !== null),
    [],
    "every chain of the audit is whole",
  );
});

t.test("what a client named before a crash is found by its name after it", async (t) => {
  const home = startedHome();
  const first = await startTestServer({ home });
  const before = await connectTo(first);
  const made = await askFor<Created>(before, V1_4, Operation.Create, createKeyPayload("kept"));
  await first.kill();

  const second = await startTestServer({ home });
  t.teardown(() => second.stop());
  const after = await connectTo(second);
  const name = { name: "Name", value: { nameValue: "kept", nameType: NameType.UninterpretedTextString } };
  const type = { name: "Object Type", value: ObjectType.SymmetricKey };
  const located = await askFor<{ uniqueIdentifiers: string[] }>(after, V1_4, Operation.Locate, {
    attributes: [name, type],
  });
  t.strictSame(located.uniqueIdentifiers, [made.uniqueIdentifier]);
  await after.close();
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { Operation, ResultReason, State } from "#protocol/enums/index.js";
import { V1_4, V2_1 } from "#protocol/versions.js";
import { openConnection } from "#storage/drivers/index.js";
import { slot, statement } from "#storage/statements.js";
import { actionsOf, aesKey, instance } from "#test/support/kmip-actions.js";
import { ask } from "#test/support/kmip-client-messages.js";
import { connectTo, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const home = startedHome();

async function withServer<T>(
  settings: string,
  work: (server: Awaited<ReturnType<typeof startTestServer>>) => Promise<T>,
) {
  writeFileSync(join(home, "keyreeve.yaml"), settings);
  const server = await startTestServer({ home });
  try {
    return await work(server);
  } finally {
    await server.stop({ keepHome: true });
  }
}

const storedState = statement((knex) =>
  knex("objects")
    .select("state")
    .where({ id: slot(0) }),
);

t.test("while a disk is down to its reserve keys are used, revoked and destroyed, and none is made", async (t) => {
  const id = await withServer("", async (server) => {
    const client = await connectTo(server);
    const made = await actionsOf(client, V2_1).create();
    await client.close();
    return made;
  });
  const reserved = "disk:\n  reservePercent: 90\n  reserveMebibytes: 1048576\n";
  await withServer(reserved, async (server) => {
    const client = await connectTo(server);
    for (const version of [V1_4, V2_1]) {
      const refused = await ask(client, version, { operation: Operation.Create, payload: aesKey() });
      t.equal(refused.reason, version === V1_4 ? ResultReason.GeneralFailure : ResultReason.ServerLimitExceeded);
      t.match(refused.message, /disk space/);
    }
    const { activate, act, revoke, destroy } = actionsOf(client, V2_1);
    await act(Operation.Get, id);
    await activate(id);
    await revoke(id);
    await destroy(id);
    await client.close();
    const events = await server.administration.exportAudit();
    t.match(events, /disk-reserved/);
  });
});

t.test("the state that a date has brought is kept from when it is first told", async (t) => {
  await withServer("", async (server) => {
    const client = await connectTo(server);
    const { create, value } = actionsOf(client, V2_1);
    const now = Math.floor(Date.now() / 1000);
    const id = await create(
      instance(attributes.activationDate, now - 10),
      instance(attributes.deactivationDate, now + 1),
    );
    while ((await value(id, attributes.state)) !== State.Deactivated) await pause(100);
    const connection = await openConnection(
      { client: "better-sqlite3", filename: join(home, "keyreeve.db"), nodeId: "looks" },
      "read",
    );
    t.same(await connection.select(storedState, [id]), [{ state: State.Deactivated }]);
    await connection.close();
    await client.close();
  });
});

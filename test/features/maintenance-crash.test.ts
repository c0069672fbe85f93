import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { Operation, ProtectionStorageMask } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, nameOf } from "#test/support/kmip-actions.js";
import { endOf, operatorOf, untilTask } from "#test/support/operator.js";
import { opened, type Sealed, sealedByNewKey, sealedSecret } from "#test/support/sealed.js";
import { connectTo, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const home = startedHome();
writeFileSync(join(home, "keyreeve.yaml"), "tasks:\n  concurrency: 2\n");
let server = await startTestServer({ home });
let client = await connectTo(server);
let operator = operatorOf(server);
t.teardown(async () => {
  operator.close();
  await client.close();
  await server.stop();
});

t.test(
  "a migration into the token that a crash cuts off goes on, and leaves no key there that is nobody's",
  async (t) => {
    const keys: Sealed[] = [];
    for (let count = 0; count < 250; count += 1) keys.push(await sealedByNewKey(actionsOf(client, V2_1)));
    const { id } = await operator.migrateKeys({ tenant: "demo", to: "token" });
    const atKill = await untilTask(operator, id, ({ done }) => done > 0);
    await server.kill();
    await client.close();
    operator.close();
    t.equal(atKill.state, "running", "the crash came in the middle");

    server = await startTestServer({ home });
    client = await connectTo(server);
    operator = operatorOf(server);
    t.match(await endOf(operator, id), { state: "done", failed: 0, skipped: 0 });
    const wrong: string[] = [];
    for (const key of keys) {
      const mask = await actionsOf(client, V2_1).value(key.id, attributes.protectionStorageMask);
      const isRight =
        (await opened(actionsOf(client, V2_1).act, key)).equals(sealedSecret) &&
        mask === ProtectionStorageMask.Hardware;
      if (!isRight) wrong.push(key.id);
    }
    t.strictSame(wrong, []);
    const scanned = await endOf(operator, (await operator.scanIntegrity({ tenant: "demo", deep: true })).id);
    t.match(scanned, { state: "done", failed: 0, skipped: 0 });
  },
);

t.test("a scan takes nothing for damage that clients do while it looks", async (t) => {
  let isOver = false;
  const lane = async (name: string): Promise<void> => {
    const own = await connectTo(server);
    const { create, activate, act, revoke, destroy } = actionsOf(own, V2_1);
    for (let count = 0; !isOver; count += 1) {
      const id = await create(
        nameOf(`${name} ${count}`),
        ...(count % 5 === 0 ? [instance(attributes.protectionLevel, 1)] : []),
      );
      await activate(id);
      await act(Operation.AddAttribute, id, { newAttribute: instance(attributes.objectGroup, name) });
      if (count % 2 === 0) continue;
      await revoke(id);
      await destroy(id);
    }
    await own.close();
  };
  const lanes = Promise.all(["first", "second", "third"].map(lane));
  for (let round = 0; round < 3; round += 1) {
    const scanned = await endOf(operator, (await operator.scanIntegrity({ tenant: "demo", deep: true })).id);
    t.match(scanned, { state: "done", failed: 0, skipped: 0 });
    t.strictSame(scanned.findings, []);
  }
  isOver = true;
  await lanes;
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { BlockCipherMode, Operation, PaddingMethod, ProtectionStorageMask } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, nameOf } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { endOf, operatorOf, untilTask } from "#test/support/operator.js";
import { connectTo, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(180_000);

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

const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
const secret = Buffer.from("what must still open wherever the key is");

interface Sealed {
  readonly id: string;
  readonly data: Buffer;
  readonly ivCounterNonce: Buffer;
}

async function sealedBy(by: KmipClient): Promise<Sealed> {
  const { create, activate, act } = actionsOf(by, V2_1);
  const id = await create();
  await activate(id);
  const payload = { cryptographicParameters, data: secret };
  const { data, ivCounterNonce } = await act<Omit<Sealed, "id">>(Operation.Encrypt, id, payload);
  return { id, data, ivCounterNonce };
}

async function opened(by: KmipClient, { id, data, ivCounterNonce }: Sealed): Promise<Buffer> {
  const payload = { cryptographicParameters, data, ivCounterNonce };
  return (await actionsOf(by, V2_1).act<{ data: Buffer }>(Operation.Decrypt, id, payload)).data;
}

t.test(
  "a migration into the token that a crash cuts off goes on, and leaves no key there that is nobody's",
  async (t) => {
    const keys: Sealed[] = [];
    for (let count = 0; count < 250; count += 1) keys.push(await sealedBy(client));
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
      const isRight = (await opened(client, key)).equals(secret) && mask === ProtectionStorageMask.Hardware;
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

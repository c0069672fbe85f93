import t from "tap";
import { V2_1 } from "#protocol/versions.js";
import { activePair } from "#test/support/errors/making.js";
import { playAll } from "#test/support/errors/playing.js";
import { lostKeyScenarios, lostTokenScenarios } from "#test/support/errors/token-faults.js";
import { removeKeyEncryptionKey, removeToken } from "#test/support/hsm-faults.js";
import { actionsOf } from "#test/support/kmip-actions.js";
import { connectTo, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

t.test("what a damaged token cannot do is a cryptographic failure", async (t) => {
  const damaged = await startTestServer();
  t.teardown(() => damaged.stop());
  const client = await connectTo(damaged);
  t.teardown(() => client.close());
  const stage = { server: damaged, client, actions: actionsOf(client, V2_1) };
  await stage.actions.create();
  await activePair(stage);
  removeKeyEncryptionKey(damaged.home);
  await playAll(t, stage, lostKeyScenarios);
  removeToken(damaged.home);
  await t.rejects(stage.actions.create(), "the token is looked for again");
  await playAll(t, stage, lostTokenScenarios);
});

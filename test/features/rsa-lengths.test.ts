import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicAlgorithm, CryptographicUsageMask, Operation, ResultReason } from "#protocol/enums/index.js";
import { V1_4 } from "#protocol/versions.js";
import { instance, requested } from "#test/support/kmip-actions.js";
import { ask } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const server = await startTestServer();
t.teardown(() => server.stop());

const shortPair = {
  commonAttributes: requested(
    instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.RSA),
    instance(attributes.cryptographicLength, 1024),
  ),
  privateKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign)),
  publicKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify)),
};
const asked = { operation: Operation.CreateKeyPair, payload: shortPair };

t.test("RSA keys of 1024 bits are made for tenants that take part in interoperability tests only", async (t) => {
  const tester = await connectTo(server);
  t.teardown(() => tester.close());
  t.equal((await ask(tester, V1_4, asked)).reason, undefined);
  await server.administration.createTenant("production");
  await server.administration.issueClient("production", "array");
  const identity = readIdentity(clientFolder(server.home, "production", "array"));
  const client = await connectTo(server, { identity });
  t.teardown(() => client.close());
  t.equal((await ask(client, V1_4, asked)).reason, ResultReason.InvalidField);
});

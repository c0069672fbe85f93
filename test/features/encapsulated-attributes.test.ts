import { randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CertificateType,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  KeyFormatType,
  KeyWrapType,
  ObjectType,
  Operation,
  ResultReason,
  State,
} from "#protocol/enums/index.js";
import { type ProtocolVersion, supportedVersions, V1_4, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask, askFor } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { Encrypt, Decrypt } = CryptographicUsageMask;
const keyMaterial = Buffer.alloc(32, 7);

/** A request that brings a key with attributes in its Key Value beside those of the request itself. */
function brought(inside: readonly AttributeInstance[], ...given: readonly AttributeInstance[]): object {
  return {
    objectType: ObjectType.SymmetricKey,
    symmetricKey: {
      keyBlock: {
        keyFormatType: KeyFormatType.Raw,
        keyValue: { keyMaterial, attributes: inside },
        cryptographicAlgorithm: CryptographicAlgorithm.AES,
        cryptographicLength: 256,
      },
    },
    attributes: requested(...given),
  };
}

async function registered(version: ProtocolVersion, payload: object): Promise<string> {
  return (await askFor<{ uniqueIdentifier: string }>(client, version, Operation.Register, payload)).uniqueIdentifier;
}

t.test("attributes in the Key Value of a registered key become the object's, in every version", async (t) => {
  for (const version of supportedVersions) {
    const { value, act } = actionsOf(client, version);
    const inside = [
      instance(attributes.cryptographicUsageMask, Encrypt | Decrypt),
      instance(attributes.objectGroup, "inside"),
    ];
    const id = await registered(version, brought(inside, nameOf(`given ${version}`)));
    t.equal(await value(id, attributes.cryptographicUsageMask), Encrypt | Decrypt);
    t.equal(await value(id, attributes.objectGroup), "inside");
    t.match(await value(id, attributes.name), { nameValue: `given ${version}` });
    const { symmetricKey } = await act<{ symmetricKey: { keyBlock: { keyValue: unknown } } }>(Operation.Get, id);
    t.match(symmetricKey.keyBlock.keyValue, { keyMaterial, attributes: [] }, "Get gives the key without them");
  }
});

t.test("the attributes of the request win over those in the Key Value", async (t) => {
  for (const version of [V1_4, V2_1]) {
    const usage = (mask: number) => instance(attributes.cryptographicUsageMask, mask);
    const id = await registered(version, brought([usage(Encrypt)], usage(Decrypt)));
    t.equal(await actionsOf(client, version).value(id, attributes.cryptographicUsageMask), Decrypt);
  }
});

t.test("what a server said of the object elsewhere is passed over when the key is registered", async (t) => {
  for (const version of [V1_4, V2_1]) {
    const other = randomUUID();
    const elsewhere = [
      instance(attributes.uniqueIdentifier, other),
      instance(attributes.state, State.Compromised),
      instance(attributes.initialDate, 1000),
    ];
    const id = await registered(version, brought(elsewhere, instance(attributes.cryptographicUsageMask, Encrypt)));
    const { value } = actionsOf(client, version);
    t.not(id, other);
    t.equal(await value(id, attributes.state), State.PreActive);
    t.not(await value(id, attributes.initialDate), 1000);
  }
});

t.test("an imported key takes all of them", async (t) => {
  for (const version of [V1_4, V2_1]) {
    const uniqueIdentifier = randomUUID();
    const inside = [instance(attributes.state, State.Deactivated), instance(attributes.objectGroup, "inside")];
    const given = [instance(attributes.objectGroup, "given")];
    await askFor(client, version, Operation.Import, {
      ...brought(inside),
      uniqueIdentifier,
      attributes: given,
      keyWrapType: KeyWrapType.AsRegistered,
    });
    const { value, values } = actionsOf(client, version);
    t.equal(await value(uniqueIdentifier, attributes.state), State.Deactivated);
    t.same(await values(uniqueIdentifier, attributes.objectGroup), ["given"]);
  }
});

t.test("attributes in the Key Value keep the rules of attributes", async (t) => {
  const inside = [
    instance(attributes.objectGroup, "inside"),
    instance(attributes.certificateType, CertificateType.X_509),
  ];
  const payload = brought(inside, instance(attributes.cryptographicUsageMask, Encrypt));
  for (const [version, expected] of [
    [V1_4, ResultReason.InvalidField],
    [V2_1, ResultReason.InvalidAttribute],
  ] as const) {
    const { reason } = await ask(client, version, { operation: Operation.Register, payload });
    t.equal(reason, expected);
  }
});

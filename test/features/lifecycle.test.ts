import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  ObjectType,
  Operation,
  ResultReason,
  RevocationReasonCode,
  State,
  UsageLimitsUnit,
} from "#protocol/enums/index.js";
import { V1_2, V1_4, V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask, askFor, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { act, create, activate, revoke, destroy, value, values, locate } = actionsOf(client, V2_1);
const now = (): number => Math.floor(Date.now() / 1000);
const far = 4_000_000_000;

async function reasonOf(operation: number, id: string, more: object = {}): Promise<number | undefined> {
  return (await ask(client, V2_1, { operation, payload: { uniqueIdentifier: named(id), ...more } })).reason;
}

t.test("a key goes from Pre-Active over Active and Deactivated to Destroyed, each with its date", async (t) => {
  const id = await create();
  t.equal(await value(id, attributes.state), State.PreActive);
  await activate(id);
  t.equal(await value(id, attributes.state), State.Active);
  t.equal(await reasonOf(Operation.Destroy, id), ResultReason.WrongKeyLifecycleState);
  await revoke(id);
  t.equal(await value(id, attributes.state), State.Deactivated);
  await destroy(id);
  t.equal(await value(id, attributes.state), State.Destroyed);
  for (const date of [attributes.activationDate, attributes.deactivationDate, attributes.destroyDate]) {
    t.ok(Math.abs(((await value(id, date)) ?? 0) - now()) < 100, date.name);
  }
});

t.test("a compromise reaches every state but one, and a compromised key is destroyed as such", async (t) => {
  const id = await create();
  await revoke(id, RevocationReasonCode.KeyCompromise);
  t.equal(await value(id, attributes.state), State.Compromised);
  await destroy(id);
  t.equal(await value(id, attributes.state), State.DestroyedCompromised);
  const other = await create();
  await destroy(other);
  await revoke(other, RevocationReasonCode.KeyCompromise);
  t.equal(await value(other, attributes.state), State.DestroyedCompromised);
});

t.test("dates that have come move the state by themselves, for reading, for Locate and for use", async (t) => {
  const name = nameOf("by dates");
  const id = await create(name, instance(attributes.activationDate, 1000), instance(attributes.deactivationDate, 2000));
  t.equal(await value(id, attributes.state), State.Deactivated);
  t.strictSame(await locate(name, instance(attributes.state, State.Deactivated)), [id]);
  t.strictSame(await locate(name, instance(attributes.state, State.Active)), []);
  t.equal(await reasonOf(Operation.Encrypt, id, { data: Buffer.alloc(16) }), ResultReason.WrongKeyLifecycleState);
});

t.test("attributes can be changed behind a Revoke that came before the Protect Stop Date", async (t) => {
  const id = await create(instance(attributes.activationDate, 1000), instance(attributes.protectStopDate, far));
  await revoke(id);
  await act(Operation.AddAttribute, id, { newAttribute: instance(attributes.contactInformation, "the owner") });
  t.equal(await value(id, attributes.contactInformation), "the owner");
});

t.test("a Protect Stop Date behind the Deactivation Date is refused", async (t) => {
  const id = await create(instance(attributes.activationDate, 1000), instance(attributes.deactivationDate, far));
  const newAttribute = instance(attributes.protectStopDate, far + 1);
  t.equal(await reasonOf(Operation.AddAttribute, id, { newAttribute }), ResultReason.InvalidAttributeValue);
});

t.test("a client sets the total of Usage Limits and never the count", async (t) => {
  const limits = { usageLimitsTotal: 10n, usageLimitsCount: 1000n, usageLimitsUnit: UsageLimitsUnit.Object };
  const id = await create(instance(attributes.usageLimits, limits));
  t.match(await value(id, attributes.usageLimits), { usageLimitsCount: 10n });
  const newAttribute = instance(attributes.usageLimits, { ...limits, usageLimitsTotal: 5n });
  await act(Operation.ModifyAttribute, id, { newAttribute });
  t.match(await value(id, attributes.usageLimits), { usageLimitsTotal: 5n, usageLimitsCount: 5n });
});

t.test("Re-key gives the names to the replacement, links both and leaves the state of the old key", async (t) => {
  const name = nameOf("to be replaced");
  const id = await create(name);
  await activate(id);
  const { uniqueIdentifier } = await act<{ uniqueIdentifier: string }>(Operation.ReKey, id, {
    offset: 0,
    attributes: requested(),
  });
  t.strictSame(await locate(name), [uniqueIdentifier]);
  t.strictSame(await values(id, attributes.name), []);
  t.equal(await value(id, attributes.state), State.Active);
  t.equal(await value(uniqueIdentifier, attributes.state), State.Active);
  t.match(await value(id, attributes.link), { linkedObjectIdentifier: { identifier: uniqueIdentifier } });
  t.match(await value(uniqueIdentifier, attributes.link), { linkedObjectIdentifier: { identifier: id } });
});

t.test("an object that is not extractable is not given, whatever its type", async (t) => {
  const { uniqueIdentifier } = await askFor<{ uniqueIdentifier: string }>(client, V2_1, Operation.Register, {
    objectType: ObjectType.OpaqueObject,
    attributes: requested(instance(attributes.extractable, false)),
    opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: Buffer.from("kept") },
  });
  t.equal(await reasonOf(Operation.Get, uniqueIdentifier), ResultReason.NotExtractable);
});

t.test("single-valued attributes of one half of a pair win over the common ones", async (t) => {
  for (const version of [V1_2, V1_4, V2_1]) {
    const made = await askFor<{ privateKeyUniqueIdentifier: string; publicKeyUniqueIdentifier: string }>(
      client,
      version,
      Operation.CreateKeyPair,
      {
        commonAttributes: requested(
          instance(attributes.cryptographicAlgorithm, 6),
          instance(attributes.cryptographicLength, 256),
          instance(attributes.cryptographicUsageMask, 0),
        ),
        privateKeyAttributes: requested(instance(attributes.cryptographicUsageMask, 1)),
        publicKeyAttributes: requested(instance(attributes.cryptographicUsageMask, 2)),
      },
    );
    t.equal(await value(made.privateKeyUniqueIdentifier, attributes.cryptographicUsageMask), 1);
    t.equal(await value(made.publicKeyUniqueIdentifier, attributes.cryptographicUsageMask), 2);
  }
});

t.test("an object has no more attributes than the limit", async (t) => {
  const many = Array.from({ length: 1001 }, (_, index) => instance(attributes.objectGroup, `group ${index}`));
  const answer = await ask(client, V2_1, { operation: Operation.Create, payload: aesKey(...many) });
  t.equal(answer.reason, ResultReason.ServerLimitExceeded);
});

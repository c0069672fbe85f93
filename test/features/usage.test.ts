import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BlockCipherMode,
  CryptographicUsageMask,
  ObjectType,
  Operation,
  PaddingMethod,
  ResultReason,
  ResultStatus,
  RevocationReasonCode,
  UsageLimitsUnit,
} from "#protocol/enums/index.js";
import { type ProtocolVersion, supportedVersions, V1_0, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance, requested } from "#test/support/kmip-actions.js";
import { ask, askAll, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { act, create, activate, revoke, destroy, value } = actionsOf(client, V2_1);
const { Encrypt, Decrypt } = CryptographicUsageMask;
const active = instance(attributes.activationDate, 1000);
const far = 4_000_000_000;

const limited = (total: bigint, unit: number = UsageLimitsUnit.Object) =>
  instance(attributes.usageLimits, { usageLimitsTotal: total, usageLimitsUnit: unit });

async function reasonOf(
  operation: number,
  id: string,
  more: object = {},
  version: ProtocolVersion = V2_1,
): Promise<number | undefined> {
  return (await ask(client, version, { operation, payload: { uniqueIdentifier: named(id), ...more } })).reason;
}

t.test("every version checks a use, tells the object where it is allowed and why not where it is not", async (t) => {
  for (const version of supportedVersions) {
    const id = await create(active, instance(attributes.cryptographicUsageMask, Encrypt));
    const { act: actIn } = actionsOf(client, version);
    const allowed = await actIn<{ uniqueIdentifier: string }>(Operation.Check, id, { cryptographicUsageMask: Encrypt });
    t.equal(allowed.uniqueIdentifier, id);
    const refused = version >= V2_0 ? ResultReason.IncompatibleCryptographicUsageMask : ResultReason.PermissionDenied;
    const both = { cryptographicUsageMask: Encrypt | Decrypt };
    t.equal(await reasonOf(Operation.Check, id, both, version), refused);
  }
});

t.test("a check looks at the state, the units that are left and the longest lease", async (t) => {
  const waiting = await create(limited(5n));
  t.equal(await reasonOf(Operation.Check, waiting, { cryptographicUsageMask: Encrypt }), ResultReason.PermissionDenied);
  const id = await create(active, limited(5n));
  await act(Operation.Check, id, { cryptographicUsageMask: Encrypt, usageLimitsCount: 5n, leaseTime: 3600 });
  t.equal(await reasonOf(Operation.Check, id, { usageLimitsCount: 6n }), ResultReason.UsageLimitExceeded);
  t.equal(await reasonOf(Operation.Check, id, { usageLimitsCount: -1n }), ResultReason.InvalidField);
  t.equal(await reasonOf(Operation.Check, id, { leaseTime: 3601 }), ResultReason.PermissionDenied);
  t.equal(await reasonOf(Operation.Check, "nobody's", {}), ResultReason.ObjectNotFound);
  await act(Operation.Check, await create(active), { usageLimitsCount: 1_000_000n });
});

t.test("a failed check empties the ID placeholder", async (t) => {
  const payload = aesKey(active, instance(attributes.cryptographicUsageMask, Encrypt));
  const goOn = { tag: 0x42000e, type: 5, value: 1 } as const;
  const batch = [
    { operation: Operation.Create, payload },
    { operation: Operation.Check, payload: { cryptographicUsageMask: Decrypt } },
    { operation: Operation.Get, payload: {} },
  ];
  const [created, checked, got] = await askAll(client, V1_4, batch, [goOn]);
  t.equal(created?.status, ResultStatus.Success);
  t.equal(checked?.reason, ResultReason.PermissionDenied);
  t.equal(got?.reason, ResultReason.ItemNotFound);
});

t.test("allocations come off the Usage Limits until nothing is left", async (t) => {
  const id = await create(active, limited(1000n, UsageLimitsUnit.Byte));
  await act(Operation.GetUsageAllocation, id, { usageLimitsCount: 400n });
  await act(Operation.GetUsageAllocation, id, { usageLimitsCount: 600n });
  t.match(await value(id, attributes.usageLimits), { usageLimitsTotal: 1000n, usageLimitsCount: 0n });
  const one = { usageLimitsCount: 1n };
  t.equal(await reasonOf(Operation.GetUsageAllocation, id, one), ResultReason.UsageLimitExceeded);
  t.equal(await reasonOf(Operation.GetUsageAllocation, id, one, V2_0), ResultReason.UsageLimitExceeded);
  t.equal(await reasonOf(Operation.GetUsageAllocation, id, one, V1_0), ResultReason.PermissionDenied);
  t.equal(await reasonOf(Operation.GetUsageAllocation, id, { usageLimitsCount: -1n }), ResultReason.InvalidField);
});

t.test("only objects that protect, have limits and are in their time get an allocation", async (t) => {
  const one = { usageLimitsCount: 1n };
  const refusals: readonly [string, number][] = [
    [await create(active), ResultReason.AttributeNotFound],
    [await create(limited(5n)), ResultReason.PermissionDenied],
    [await create(active, limited(5n), instance(attributes.protectStopDate, 2000)), ResultReason.PermissionDenied],
    [
      await create(active, limited(5n), instance(attributes.cryptographicUsageMask, Decrypt)),
      ResultReason.PermissionDenied,
    ],
    ["nobody's", ResultReason.ObjectNotFound],
  ];
  for (const [id, reason] of refusals) t.equal(await reasonOf(Operation.GetUsageAllocation, id, one), reason);
  const { uniqueIdentifier } = await act<{ uniqueIdentifier: string }>(Operation.Register, undefined, {
    objectType: ObjectType.OpaqueObject,
    attributes: requested(),
    opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: Buffer.from("no key") },
  });
  t.equal(await reasonOf(Operation.GetUsageAllocation, uniqueIdentifier, one), ResultReason.InvalidObjectType);
});

t.test("encrypting spends the limits of a key, decrypting does not", async (t) => {
  const id = await create(active, limited(2n));
  const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
  const plain = { data: Buffer.alloc(16), cryptographicParameters };
  const { data, ivCounterNonce } = await act<{ data: Buffer; ivCounterNonce: Buffer }>(Operation.Encrypt, id, plain);
  const encrypted = { data, ivCounterNonce, cryptographicParameters };
  await act(Operation.Decrypt, id, encrypted);
  await act(Operation.Encrypt, id, plain);
  t.equal(await reasonOf(Operation.Encrypt, id, plain), ResultReason.UsageLimitExceeded);
  await act(Operation.Decrypt, id, encrypted);
});

t.test("wrapping a key spends the limits of the key that wraps", async (t) => {
  const wrapping = await create(
    active,
    limited(1n),
    instance(attributes.cryptographicUsageMask, CryptographicUsageMask.WrapKey),
  );
  const id = await create();
  const keyWrappingSpecification = {
    wrappingMethod: 1,
    encryptionKeyInformation: { uniqueIdentifier: wrapping },
    encodingOption: 1,
    attributeNames: [],
  };
  await act(Operation.Get, id, { keyWrappingSpecification });
  t.equal(await reasonOf(Operation.Get, id, { keyWrappingSpecification }), ResultReason.UsageLimitExceeded);
});

t.test("every version gives a lease with the Last Change Date, and renews it", async (t) => {
  const id = await create(instance(attributes.deactivationDate, far), active);
  const lastChangeDate = await value(id, attributes.lastChangeDate);
  for (const version of supportedVersions) {
    const lease = await actionsOf(client, version).act(Operation.ObtainLease, id);
    t.same(lease, { uniqueIdentifier: id, leaseTime: 3600, lastChangeDate });
  }
});

t.test("no lease is given of what is compromised, destroyed, unknown or used up", async (t) => {
  const compromised = await create();
  await revoke(compromised, RevocationReasonCode.KeyCompromise);
  t.equal(await reasonOf(Operation.ObtainLease, compromised), ResultReason.PermissionDenied);
  const destroyed = await create();
  await destroy(destroyed);
  t.equal(await reasonOf(Operation.ObtainLease, destroyed), ResultReason.ObjectDestroyed);
  t.equal(await reasonOf(Operation.ObtainLease, "nobody's"), ResultReason.ObjectNotFound);
  const usedUp = await create(limited(1n), instance(attributes.cryptographicUsageMask, Encrypt));
  await activate(usedUp);
  await act(Operation.GetUsageAllocation, usedUp, { usageLimitsCount: 1n });
  t.equal(await reasonOf(Operation.ObtainLease, usedUp), ResultReason.UsageLimitExceeded);
});

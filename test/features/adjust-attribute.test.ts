import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { AdjustmentType, ObjectType, Operation, ResultReason, UsageLimitsUnit } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, nameOf } from "#test/support/kmip-actions.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { act, create, activate, value, values } = actionsOf(client, V2_1);
const { Increment, Decrement, Negate } = AdjustmentType;

const vendor = (item: Partial<Item>): AttributeInstance => ({
  name: "x-Counter",
  value: { tag: Tag.AttributeValue, ...item },
});
const by = (type: number, amount: number | bigint | boolean | string): Item =>
  ({ tag: Tag.AdjustmentValue, type, value: amount }) as Item;

async function adjust(id: string, name: string, type: number, amount?: Item): Promise<void> {
  await act(Operation.AdjustAttribute, id, payload(name, type, amount));
}

function payload(attributeName: string, adjustmentType: number, adjustmentValue?: Item): object {
  return { attributeName, adjustmentType, ...(adjustmentValue === undefined ? {} : { adjustmentValue }) };
}

async function reasonOf(id: string, name: string, type: number, amount?: Item): Promise<number | undefined> {
  const request = { uniqueIdentifier: named(id), ...payload(name, type, amount) };
  return (await ask(client, V2_1, { operation: Operation.AdjustAttribute, payload: request })).reason;
}

t.test("numbers of every type are incremented, decremented and negated", async (t) => {
  const cases: readonly [number, number | bigint, number | bigint][] = [
    [ItemType.Integer, 5, -3],
    [ItemType.LongInteger, 5n, -3n],
    [ItemType.BigInteger, 2n ** 70n, -(2n ** 70n) + 2n],
  ];
  for (const [type, start, end] of cases) {
    const id = await create(vendor({ type, value: start } as Item));
    const one = typeof start === "bigint" ? 1n : 1;
    await adjust(id, "x-Counter", Increment);
    await adjust(id, "x-Counter", Decrement, by(type, typeof one === "bigint" ? 2n : 2));
    await adjust(id, "x-Counter", Decrement);
    await adjust(id, "x-Counter", Negate);
    const [kept] = await values<Item>(id, { name: "x-Counter" } as never);
    t.match(kept, { type, value: end });
  }
});

t.test("dates move by seconds, given as a date or as an interval, and a truth value is negated", async (t) => {
  const id = await create(instance(attributes.activationDate, 4_000_000_000), instance(attributes.sensitive, false));
  const { name } = attributes.activationDate;
  await adjust(id, name, Increment);
  await adjust(id, name, Increment, by(ItemType.Interval, 60));
  await adjust(id, name, Decrement, by(ItemType.DateTime, 11n));
  t.equal(await value(id, attributes.activationDate), 4_000_000_050);
  await adjust(id, attributes.sensitive.name, Negate);
  t.equal(await value(id, attributes.sensitive), true);
});

t.test("an attribute that is not there counts as 0 or false; a date has to be there", async (t) => {
  const id = await create();
  await adjust(id, attributes.protectionPeriod.name, Increment, by(ItemType.Interval, 90));
  t.equal(await value(id, attributes.protectionPeriod), 90);
  await adjust(id, attributes.quantumSafe.name, Negate);
  t.equal(await value(id, attributes.quantumSafe), true);
  t.equal(await reasonOf(id, attributes.deactivationDate.name, Increment), ResultReason.InvalidField);
});

t.test("what does not fit is refused with the reason of the table", async (t) => {
  const limits = { usageLimitsTotal: 5n, usageLimitsUnit: UsageLimitsUnit.Object };
  const id = await create(
    vendor({ type: ItemType.Integer, value: 2 ** 31 - 1 } as Item),
    nameOf("adjusted"),
    instance(attributes.objectGroup, "one"),
    instance(attributes.objectGroup, "two"),
    instance(attributes.usageLimits, limits),
    instance(attributes.activationDate, 4_000_000_000),
  );
  const refusals: readonly [string, number, Item | undefined, number][] = [
    ["x-Counter", Increment, undefined, ResultReason.NumericRange],
    ["x-Counter", Increment, by(ItemType.LongInteger, 1n), ResultReason.InvalidDataType],
    ["x-Counter", Increment, by(ItemType.TextString, "1"), ResultReason.InvalidDataType],
    [attributes.protectionPeriod.name, Decrement, undefined, ResultReason.NumericRange],
    [attributes.activationDate.name, Negate, undefined, ResultReason.InvalidDataType],
    [attributes.sensitive.name, Increment, undefined, ResultReason.InvalidDataType],
    [attributes.usageLimits.name, Increment, undefined, ResultReason.InvalidDataType],
    [attributes.name.name, Increment, undefined, ResultReason.InvalidDataType],
    [attributes.objectGroup.name, Increment, undefined, ResultReason.MultiValuedAttribute],
    [attributes.cryptographicLength.name, Increment, undefined, ResultReason.ReadOnlyAttribute],
    [attributes.state.name, Increment, undefined, ResultReason.ReadOnlyAttribute],
  ];
  for (const [name, type, amount, reason] of refusals) t.equal(await reasonOf(id, name, type, amount), reason, name);
  t.equal(await reasonOf("nobody's", "x-Counter", Increment), ResultReason.ItemNotFound);
  await activate(id);
  t.equal(await reasonOf(id, attributes.activationDate.name, Increment), ResultReason.WrongKeyLifecycleState);
  await act(Operation.Archive, id);
  t.equal(await reasonOf(id, "x-Counter", Decrement), ResultReason.ObjectArchived);
});

t.test("the operation came with 2.0 and takes the ID placeholder", async (t) => {
  const id = await create(vendor({ type: ItemType.Integer, value: 1 } as Item));
  await actionsOf(client, V2_0).act(Operation.AdjustAttribute, id, payload("x-Counter", Increment));
  const old = await ask(client, V1_4, {
    operation: Operation.AdjustAttribute,
    payload: { tag: Tag.RequestPayload, type: ItemType.Structure, value: [] },
  });
  t.equal(old.reason, ResultReason.OperationNotSupported);
  t.equal(ObjectType.SymmetricKey, await value(id, attributes.objectType));
});

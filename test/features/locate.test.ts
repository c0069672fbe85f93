import { randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BlockCipherMode,
  LinkType,
  NameType,
  Operation,
  PaddingMethod,
  ResultReason,
  UsageLimitsUnit,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { type ProtocolVersion, V1_2, V1_3, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance } from "#test/support/kmip-actions.js";
import { ask, askFor, structureItem } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { create, locate } = actionsOf(client, V2_1);
const text = (tag: number, value: string): Item => ({ tag, type: ItemType.TextString, value });
const enumeration = (tag: number, value: number): Item => ({ tag, type: ItemType.Enumeration, value });
const date = (tag: number, value: bigint): Item => ({ tag, type: ItemType.DateTime, value });
const farthest = 2n ** 63n - 1n;

/** Locates by attributes written as they are, such as structures in part. */
async function locateRaw(...wanted: readonly Item[]): Promise<readonly string[]> {
  const payload = structureItem(Tag.RequestPayload, structureItem(Tag.Attributes, ...wanted));
  const found = await askFor<{ uniqueIdentifiers: readonly string[] }>(client, V2_1, Operation.Locate, payload);
  return found.uniqueIdentifiers;
}

t.test("a structure given in part is found by the fields that are given", async (t) => {
  const nameValue = randomUUID();
  const id = await create(
    instance(attributes.name, { nameValue, nameType: NameType.URI }),
    instance(attributes.cryptographicParameters, {
      blockCipherMode: BlockCipherMode.CBC,
      paddingMethod: PaddingMethod.PKCS5,
    }),
    instance(attributes.link, {
      linkType: LinkType.ParentLink,
      linkedObjectIdentifier: { kind: "identifier", identifier: nameValue },
    }),
  );
  const byName = structureItem(Tag.Name, text(Tag.NameValue, nameValue));
  t.same(await locateRaw(byName), [id]);
  t.same(await locateRaw(structureItem(Tag.Link, text(Tag.LinkedObjectIdentifier, nameValue))), [id]);
  const mode = (value: number): Item =>
    structureItem(Tag.CryptographicParameters, enumeration(Tag.BlockCipherMode, value));
  t.same(await locateRaw(byName, mode(BlockCipherMode.CBC)), [id]);
  t.same(await locateRaw(byName, mode(BlockCipherMode.GCM)), []);
});

t.test("two dates are a range with its limits, and the largest date leaves it open", async (t) => {
  const group = randomUUID();
  const at = (seconds: number) =>
    create(instance(attributes.objectGroup, group), instance(attributes.activationDate, seconds));
  const [early, middle, late] = [await at(4_000_000_000), await at(4_000_000_100), await at(4_000_000_200)];
  const within = (...dates: readonly bigint[]): Promise<readonly string[]> =>
    locateRaw(text(Tag.ObjectGroup, group), ...dates.map((each) => date(Tag.ActivationDate, each)));
  t.same(await within(4_000_000_100n), [middle]);
  t.same(await within(4_000_000_000n, 4_000_000_100n), [middle, early]);
  t.same(await within(4_000_000_200n, 4_000_000_050n), [late, middle]);
  t.same(await within(4_000_000_100n, farthest), [late, middle]);
  t.same(await within(farthest), [late, middle, early]);
});

t.test("Usage Limits are met by as much or more", async (t) => {
  const group = instance(attributes.objectGroup, randomUUID());
  const limits = (usageLimitsTotal: bigint, usageLimitsUnit: number = UsageLimitsUnit.Object) =>
    instance(attributes.usageLimits, { usageLimitsTotal, usageLimitsUnit });
  const id = await create(group, limits(100n));
  t.same(await locate(group, limits(100n)), [id]);
  t.same(await locate(group, limits(101n)), []);
  t.same(await locate(group, limits(50n, UsageLimitsUnit.Byte)), []);
});

t.test("pages come newest first, and Located Items counts all since 1.3", async (t) => {
  const group = instance(attributes.objectGroup, randomUUID());
  const made = [await create(group), await create(group), await create(group)];
  const page = (version: ProtocolVersion, maximumItems: number, offsetItems?: number) =>
    actionsOf(client, version).act<{ uniqueIdentifiers: readonly string[]; locatedItems?: number }>(
      Operation.Locate,
      undefined,
      { attributes: [group], maximumItems, ...(offsetItems === undefined ? {} : { offsetItems }) },
    );
  t.same(await page(V2_1, 2), { uniqueIdentifiers: [made[2], made[1]], locatedItems: 3 });
  t.same(await page(V1_3, 2, 2), { uniqueIdentifiers: [made[0]], locatedItems: 3 });
  t.equal((await page(V1_2, 2)).locatedItems, undefined);
  const negative = { attributes: [group], maximumItems: -1 };
  t.equal(
    (await ask(client, V2_1, { operation: Operation.Locate, payload: negative })).reason,
    ResultReason.InvalidField,
  );
});

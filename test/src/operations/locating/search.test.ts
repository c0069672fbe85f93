import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { Tag } from "#protocol/tags.js";
import { textItems, textsIn } from "#protocol/ttlv/text-items.js";
import type { Inventory } from "#src/inventory/inventory.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { search } from "#src/operations/locating/search.js";
import { instance } from "#test/support/kmip-actions.js";

const wanted = instance(attributes.comment, "wanted");
const has = new AttributeSet(new Map([[wanted.name, [{ index: 0, value: wanted.value }]]]));
const plan = { filters: [], remaining: [wanted] };

/** An inventory of so many objects, newest first, all of which are wanted; `happens` once many were looked at. */
function inventoryOf(count: number, happens: (ids: string[]) => void = () => undefined) {
  const ids = Array.from({ length: count }, (_object, number) => `object-${count - number}`);
  let looked = 0;
  const inventory = {
    locate: async (_filters: unknown, { limit }: { limit: number }) => ({
      ids: textItems(Tag.UniqueIdentifier, ids.slice(0, limit)),
      total: null,
    }),
    find: async (id: string) => {
      looked += 1;
      if (looked === 500) happens(ids);
      return { id, attributes: has };
    },
  };
  return inventory as unknown as Inventory;
}

t.test("objects that are looked at one by one are all found, in their order", async (t) => {
  const { ids, total } = await search(inventoryOf(4500), plan, { limit: 10_000, count: true });
  t.equal(total, 4500);
  const found = [...textsIn(ids)];
  t.equal(new Set(found).size, 4500);
  t.same([found[0], found[4499]], ["object-4500", "object-1"]);
});

t.test("what is made while a search goes on makes it tell no object twice", async (t) => {
  const inventory = inventoryOf(600, (ids) => ids.unshift("new"));
  const { ids } = await search(inventory, plan, { limit: 10_000 });
  t.equal(new Set(textsIn(ids)).size, ids.count);
});

t.test("what is gone while a search goes on makes it leave out no other", async (t) => {
  const inventory = inventoryOf(600, (ids) => ids.splice(10, 1));
  const { ids } = await search(inventory, plan, { limit: 10_000 });
  t.equal(ids.count, 600);
});

t.test("a search that would have to look at too many objects is refused", async (t) => {
  const refused = search(inventoryOf(20_000), plan, { limit: 10_000, count: true });
  await t.rejects(
    refused,
    new KmipError("ServerLimitExceeded", "too many objects to look through; add a name, a group or another condition"),
  );
});

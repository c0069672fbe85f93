import { randomUUID } from "node:crypto";
import t from "tap";
import { type TextItems, textsIn } from "#protocol/ttlv/text-items.js";
import { change } from "#storage/changes.js";
import type { LocateFilter, LocateOptions, NewObject } from "#storage/types.js";
import { onEveryDatabase } from "#test/support/databases.js";
import { newObject } from "#test/support/rows.js";

const group = { attribute: "Object Group", value: "disks", number: null };
const dated = (number: number) => ({ attribute: "x-date", value: String(number), number });

/** Five keys, oldest first, each under the name of what is special about it. */
function keys(tenantId: string): Record<"plain" | "grouped" | "active" | "archived" | "destroyed", NewObject> {
  return {
    plain: { ...newObject(tenantId, { initialDate: 100 }), attributes: [dated(5)] },
    grouped: { ...newObject(tenantId, { initialDate: 200 }), attributes: [group, dated(10), dated(11)] },
    active: {
      ...newObject(tenantId, { state: 2, activationDate: 150, objectType: 4, usageMask: 3 }),
      attributes: [group],
    },
    archived: { ...newObject(tenantId, { archiveDate: 400 }), attributes: [group] },
    destroyed: { ...newObject(tenantId, { state: 5, destroyDate: 500 }), attributes: [group], names: [] },
  };
}

const listOf = (ids: TextItems): readonly string[] => [...textsIn(ids)];

await onEveryDatabase(t, async (t, { database }) => {
  const tenantId = randomUUID();
  const stored = keys(tenantId);
  for (const object of Object.values(stored)) await database.commit([change("objects", "create", object)]);
  const names = new Map(Object.entries(stored).map(([name, { row }]) => [row.id, name]));
  const found = async (
    filters: LocateFilter[],
    options: Partial<LocateOptions> = {},
  ): Promise<(string | undefined)[]> =>
    listOf((await database.read.objects.locate(tenantId, filters, { limit: 100, ...options })).ids).map((id) =>
      names.get(id),
    );

  await t.test("without filters all objects on-line match, most recently created first", async (t) => {
    t.same(await found([]), ["active", "grouped", "plain"]);
  });

  await t.test("archived and destroyed objects match only where asked for", async (t) => {
    const grouped: LocateFilter = { on: "attribute", attribute: "Object Group", equals: "disks" };
    t.same(await found([grouped]), ["active", "grouped"]);
    t.same(await found([grouped], { archived: true }), ["archived", "active", "grouped"]);
    t.same(await found([grouped], { online: false, archived: true }), ["archived"]);
    t.same(await found([grouped], { online: false, destroyed: true }), ["destroyed"]);
    t.same(await found([], { archived: true, destroyed: true }), [
      "destroyed",
      "archived",
      "active",
      "grouped",
      "plain",
    ]);
    t.same(await found([], { online: false }), []);
  });

  await t.test("limit and offset cut the list, the total counts all", async (t) => {
    const page = await database.read.objects.locate(tenantId, [], { limit: 1, offset: 1, count: true });
    t.same([listOf(page.ids).map((id) => names.get(id)), page.total], [["grouped"], 3]);
  });

  await t.test("a name finds its one object, whatever the other case", async (t) => {
    const [name] = stored.grouped.names;
    t.same(await found([{ on: "name", name: name?.name ?? "" }]), ["grouped"]);
    t.same(await found([{ on: "name", name: name?.name ?? "", nameType: 1 }]), ["grouped"]);
    t.same(await found([{ on: "name", name: name?.name ?? "", nameType: 2 }]), []);
    t.same(await found([{ on: "name", name: (name?.name ?? "").toUpperCase() }]), []);
  });

  await t.test("an object with several matching values is listed and counted once", async (t) => {
    const filter: LocateFilter = { on: "attributeRange", attribute: "x-date", from: 6, to: 20 };
    t.same(await found([filter]), ["grouped"]);
    t.equal((await database.read.objects.locate(tenantId, [filter], { limit: 1, count: true })).total, 1);
  });

  await t.test("ranges include their limits and may be open", async (t) => {
    const range = (limits: { from?: number | bigint; to?: number | bigint }): LocateFilter => ({
      on: "attributeRange",
      attribute: "x-date",
      ...limits,
    });
    t.same(await found([range({ from: 5, to: 10n })]), ["grouped", "plain"]);
    t.same(await found([range({ to: 5 })]), ["plain"]);
    t.same(await found([range({ from: 12 })]), []);
    t.same(await found([range({})]), ["grouped", "plain"]);
    t.same(await found([{ on: "date", column: "initialDate", from: 100, to: 200 }]), ["grouped", "plain"]);
    t.same(await found([{ on: "date", column: "activationDate" }]), ["active"]);
    t.same(await found([{ on: "column", column: "initialDate", equals: 100 }]), ["plain"]);
  });

  await t.test("all filters must match", async (t) => {
    const attribute: LocateFilter = { on: "attribute", attribute: "Object Group", equals: "disks" };
    const [name] = stored.grouped.names;
    t.same(await found([attribute, { on: "column", column: "objectType", equals: 4 }]), ["active"]);
    t.same(await found([attribute, { on: "attributeRange", attribute: "x-date", from: 11 }]), ["grouped"]);
    t.same(await found([attribute, { on: "attributeRange", attribute: "x-date", from: 12 }]), []);
    t.same(await found([attribute, { on: "name", name: name?.name ?? "" }]), ["grouped"]);
    t.same(await found([{ on: "column", column: "id", equals: stored.plain.row.id }, attribute]), []);
    t.same(await found([attribute, { on: "nothing" }]), []);
  });

  await t.test("a usage mask matches where all its bits are set", async (t) => {
    t.same(await found([{ on: "usageMask", includes: 2 }]), ["active"]);
    t.same(await found([{ on: "usageMask", includes: 8 }]), ["grouped", "plain"]);
    t.same(await found([{ on: "usageMask", includes: 9 }]), []);
    t.equal((await found([{ on: "usageMask", includes: 0 }])).length, 3);
  });
});

await onEveryDatabase(t, async (t, { database }) => {
  const tenantId = randomUUID();
  const dates = { none: {}, past: { activationDate: 10 }, future: { activationDate: 90 } };
  const ended = { activationDate: 10, deactivationDate: 20 };
  const objects = {
    ...dates,
    ended,
    running: { state: 2, activationDate: 10, deactivationDate: 90 },
    stopped: { state: 2, activationDate: 10, deactivationDate: 20 },
    deactivated: { state: 3, activationDate: 10 },
    compromised: { state: 4, activationDate: 10, deactivationDate: 20 },
  };
  const names = new Map<string, string>();
  for (const [name, changes] of Object.entries(objects)) {
    const object = newObject(tenantId, changes);
    names.set(object.row.id, name);
    await database.commit([change("objects", "create", object)]);
  }

  await t.test("the state that is sought is that of the moment, dates considered", async (t) => {
    const inState = async (equals: number, at: number): Promise<string[]> => {
      const { ids } = await database.read.objects.locate(tenantId, [{ on: "state", equals, at }], { limit: 100 });
      return listOf(ids)
        .map((id) => names.get(id) ?? "")
        .sort();
    };
    t.same(await inState(1, 50), ["future", "none"]);
    t.same(await inState(2, 50), ["past", "running"]);
    t.same(await inState(3, 50), ["deactivated", "ended", "stopped"]);
    t.same(await inState(4, 50), ["compromised"]);
    t.same(await inState(2, 90), ["future", "past"]);
  });
});

/** More than one stretch of a search leads to, and more than are sorted in one go. */
const many = 2300;

/** Searches of objects that are told apart by their numbers, and of which numbers each is met. */
const manySearches: readonly [string, LocateFilter[], (number: number) => boolean][] = [
  ["all", [], () => true],
  ["by an attribute", [{ on: "attribute", attribute: "Object Group", equals: "disks" }], (number) => number % 2 === 0],
  ["by the object type", [{ on: "column", column: "objectType", equals: 4 }], (number) => number % 7 === 0],
  ["by what few have and no index knows", [{ on: "state", equals: 2, at: 50 }], (number) => number % 1150 === 7],
  ["by a date that all have", [{ on: "date", column: "initialDate", from: 1, to: 3 }], () => true],
  [
    "by a date that all have and an attribute",
    [
      { on: "date", column: "initialDate", from: 2 },
      { on: "attribute", attribute: "Object Group", equals: "disks" },
    ],
    (number) => number % 3 !== 0 && number % 2 === 0,
  ],
  ["by a date that some have", [{ on: "column", column: "initialDate", equals: 1 }], (number) => number % 3 === 0],
  ["by a name that all have", [{ on: "name", name: "shared by all", nameType: 1 }], () => true],
  ["by a name that some have", [{ on: "name", name: "shared by some" }], (number) => number % 50 === 0],
  [
    "by a name and a date that all have and a type",
    [
      { on: "name", name: "shared by all" },
      { on: "date", column: "initialDate", from: 1 },
      { on: "column", column: "objectType", equals: 4 },
    ],
    (number) => number % 7 === 0,
  ],
  [
    "by a date that all have and one that some have",
    [
      { on: "date", column: "initialDate", from: 1 },
      { on: "attributeRange", attribute: "x-date", from: 10, to: 20 },
    ],
    (number) => number >= 10 && number <= 20,
  ],
  ["by an attribute's range", [{ on: "attributeRange", attribute: "x-date", to: 2299 }], () => true],
  [
    "by an attribute's range and a type",
    [
      { on: "attributeRange", attribute: "x-date", from: 1 },
      { on: "column", column: "objectType", equals: 4 },
    ],
    (number) => number > 0 && number % 7 === 0,
  ],
];
await onEveryDatabase(t, async (t, { database }) => {
  const tenantId = randomUUID();
  const objects = Array.from({ length: many }, (_object, number): NewObject => {
    const row = {
      initialDate: 1 + (number % 3),
      objectType: number % 7 === 0 ? 4 : 2,
      state: number % 1150 === 7 ? 2 : 1,
    };
    const attributes = number % 2 === 0 ? [group, dated(number)] : [dated(number)];
    const names = [{ name: "shared by all", nameType: 1 }];
    if (number % 50 === 0) names.push({ name: "shared by some", nameType: 1 });
    return { ...newObject(tenantId, row), attributes, names };
  });
  await database.commit(objects.map((object) => change("objects", "create", object)));
  const numbers = new Map(objects.map(({ row }, number) => [row.id, number]));
  const all = [...objects.keys()];

  for (const [what, filters, isMeant] of manySearches) {
    await t.test(`a search of thousands of objects, ${what}, finds, orders and counts them`, async (t) => {
      const meant = all.filter(isMeant);
      for (const oldestFirst of [false, true]) {
        const ordered = oldestFirst ? meant : meant.toReversed();
        for (const [limit, offset] of [
          [10_000, 0],
          [1, 0],
          [5, 498],
          [600, 700],
          [10, 5000],
        ] as const) {
          for (const count of [false, true]) {
            const options = { limit, offset, count, oldestFirst };
            const { ids, total } = await database.read.objects.locate(tenantId, filters, options);
            // As one text: arrays of thousands take their time to be compared.
            const found = listOf(ids)
              .map((id) => numbers.get(id))
              .join();
            t.equal(found, ordered.slice(offset, offset + limit).join(), JSON.stringify(options));
            t.equal(total, count ? meant.length : null);
          }
        }
      }
    });
  }
});

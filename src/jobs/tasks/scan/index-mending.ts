import { indexOf, type RowFields, rowOf } from "#src/inventory/rows.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { change } from "#storage/changes.js";
import type { IndexOfObject } from "#storage/repositories/object-walks.js";
import { type IndexedAttribute, type IndexedName, locateDateColumns, type ObjectRow } from "#storage/types.js";
import { type Damage, mendingRecord } from "./damage.js";
import type { ScanRun } from "./position.js";

/** Columns that follow from what is authenticated; the others are held against the clock or are the order itself. */
const derived = [
  "state",
  "algorithm",
  "length",
  "usageMask",
  ...locateDateColumns,
  "fresh",
] as const satisfies readonly (keyof RowFields)[];

/** Where the columns and the index by which a genuine object is found do not say what its attributes say. */
export function indexDamage(row: ObjectRow, object: ManagedObject, index: IndexOfObject): readonly Damage[] {
  const reasons = [...columnFaults(row, rowOf(object)), ...indexFaults(row, object, index)];
  return reasons.map((reason) => ({ reason, remedy: "repair" }));
}

/**
 * Has columns and index say what the attributes of a genuine object say, with a row in the audit. Throws StorageError
 * `conflict` where the object was changed meanwhile.
 */
export async function mendIndex(run: ScanRun, object: ManagedObject, damage: readonly Damage[]): Promise<void> {
  const fields = rowOf(object);
  const row = Object.fromEntries(derived.map((column) => [column, fields[column]]));
  const { tenantId, id, version } = object;
  const detail = { mended: damage.map(({ reason }) => reason) };
  await run.surroundings.database.commit([
    change("objects", "mendIndex", tenantId, id, version, { row, ...indexOf(object) }),
    mendingRecord(run, "Rebuild Index", { objectId: id, detail }),
  ]);
}

function columnFaults(row: ObjectRow, expected: RowFields): string[] {
  return derived
    .filter((column) => row[column] !== expected[column])
    .map((column) => `the column ${column} by which Locate finds it does not say what its attributes say`);
}

function indexFaults(row: ObjectRow, object: ManagedObject, index: IndexOfObject): string[] {
  const expected = indexOf(object);
  return [
    ...differences(
      expected.attributes.map((entry) => attributeText(row.creationOrder, entry)),
      index.attributes.map((entry) => attributeText(entry.creationOrder, entry)),
      "the index of attributes",
    ),
    ...differences(expected.names.map(nameText), index.names.map(nameText), "the index of names"),
  ];
}

function attributeText(creationOrder: number, { attribute, value, number }: IndexedAttribute): string {
  return JSON.stringify([attribute, value, number === null ? null : String(number), creationOrder]);
}

function nameText({ name, nameType }: IndexedName): string {
  return JSON.stringify([nameType, name]);
}

function differences(expected: readonly string[], found: readonly string[], where: string): string[] {
  const [wanted, present] = [new Set(expected), new Set(found)];
  const missing = [...wanted].filter((entry) => !present.has(entry)).length;
  const extra = [...present].filter((entry) => !wanted.has(entry)).length;
  return [
    ...(missing > 0 ? [`${where} lacks ${missing} of its rows`] : []),
    ...(extra > 0 ? [`${where} has ${extra} rows that are not its own`] : []),
  ];
}

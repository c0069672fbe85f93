import { randomInt } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import type { Partition } from "#src/crypto/port.js";
import { isGenuineObject } from "#src/inventory/genuine.js";
import { referenceOf } from "#src/inventory/key-keeper.js";
import { indexOf, objectOf, type RowFields, rowOf } from "#src/inventory/rows.js";
import type { ManagedObject, MaterialForm } from "#src/objects/managed-object.js";
import type { IndexOfObject } from "#storage/repositories/object-walks.js";
import type { ObjectPlace } from "#storage/task-types.js";
import { type IndexedAttribute, type IndexedName, locateDateColumns, type ObjectRow } from "#storage/types.js";
import { damageOf } from "../findings.js";
import { theBeginning } from "../walk.js";
import { reportDamage, type ScanRun } from "./position.js";

const pageSize = 100;
/** One in so many wrapped keys is opened, each time another one, where not all are. */
const sampled = 16;
/** How often an object is looked at again that changes while it is looked at. */
const tries = 10;

/** What an object is held against. */
interface Measure {
  readonly run: ScanRun;
  readonly partition: Partition;
  /** The versions of the key-encryption key in the token. */
  readonly versions: ReadonlySet<number>;
}

/** Checks every object: its row, its columns, its rows of the index and its key. */
export async function scanObjects(run: ScanRun, partition: Partition, from: ObjectPlace): Promise<void> {
  const { read } = run.surroundings.database;
  if (from.id === theBeginning.id) run.setTotal(await read.objectWalks.count(run.tenantId));
  for (let after = from; ; ) {
    const versions = new Set(await partition.keyEncryptionKeyVersions());
    const rows = await read.objectWalks.rows(run.tenantId, after, pageSize);
    const last = rows.at(-1);
    if (last === undefined) return;
    const indexes = await read.objectWalks.indexOf(
      run.tenantId,
      rows.map(({ id }) => id),
    );
    const seen = rows.map((row, place) => ({ row, index: indexes[place] ?? { attributes: [], names: [] } }));
    await run.each(seen, (each) => scanObject({ run, partition, versions }, each));
    after = { creationOrder: last.creationOrder, id: last.id };
    run.done(rows.length);
    await run.save({ part: "objects", after });
    if (rows.length < pageSize) return;
  }
}

interface Seen {
  readonly row: ObjectRow;
  readonly index: IndexOfObject;
}

/** What looks damaged is read again: it may have been changed between two looks. */
async function scanObject(measure: Measure, first: Seen): Promise<void> {
  const { run } = measure;
  const { read } = run.surroundings.database;
  const isOpened = run.order.deep || randomInt(sampled) === 0;
  let seen = first;
  for (let attempt = 1; ; attempt += 1) {
    const faults = await faultsOf(measure, seen, isOpened);
    if (faults.length === 0) return;
    const row = await read.objects.byId(run.tenantId, seen.row.id);
    const [index] = await read.objectWalks.indexOf(run.tenantId, [seen.row.id]);
    if (row === null || index === undefined) return;
    const isSteady = row.version === seen.row.version && attempt > 1;
    seen = { row, index };
    if (!isSteady && attempt < tries) continue;
    for (const fault of faults) reportDamage(run, row.id, fault, row.id);
    return;
  }
}

async function faultsOf(
  { run, partition, versions }: Measure,
  { row, index }: Seen,
  isOpened: boolean,
): Promise<string[]> {
  if (!(await isGenuineObject(partition, row))) {
    return ["its row is not what this server wrote for this tenant, identifier and version"];
  }
  const object = objectOf(row);
  const rolledBack = await rollbackFaults(run, object);
  const faults = [...rolledBack, ...columnFaults(row, rowOf(object)), ...indexFaults(row, object, index)];
  return [...faults, ...(await keyFaults(partition, versions, object, isOpened))];
}

/** Clocks of servers, and the time between the beginning of a request and its turn, differ by less than this. */
const toleranceMilliseconds = 120_000;

/**
 * Whether the row is older than what the audit trail says was done to the object: each change sets Last Change Date. Of
 * each node the last row of its chain counts, whatever its clock said before.
 */
async function rollbackFaults(run: ScanRun, object: ManagedObject): Promise<string[]> {
  const changes = await run.surroundings.database.read.auditStanding.lastChanges(run.tenantId, object.id);
  const stands = (object.attributes.get(attributes.lastChangeDate) ?? 0) * 1000;
  return changes
    .filter((change) => change.timeMs - (change.durationMicroseconds ?? 0) / 1000 > stands + toleranceMilliseconds)
    .map(({ operation, timeMs }) => {
      const time = new Date(timeMs).toISOString();
      return `an earlier state of it was put back: ${operation} of ${time}, which the audit trail has, is not in it`;
    });
}

/** Columns that follow from what is authenticated; the others are held against the clock or are the order itself. */
const derived = [
  "state",
  "algorithm",
  "length",
  "usageMask",
  ...locateDateColumns,
  "fresh",
] as const satisfies readonly (keyof RowFields)[];

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

/** Forms of material that rest wrapped, unless in the token. */
const wrappedForms: ReadonlySet<MaterialForm> = new Set(["secret", "private", "bytes"]);

async function keyFaults(
  partition: Partition,
  versions: ReadonlySet<number>,
  object: ManagedObject,
  isOpened: boolean,
): Promise<string[]> {
  const { material } = object;
  if (material === null || !wrappedForms.has(material.form) || material.custody === "token") return [];
  if (!versions.has(material.keyEncryptionKeyVersion)) {
    return [`version ${material.keyEncryptionKeyVersion} of the key-encryption key above it is not in the token`];
  }
  if (!isOpened) return [];
  try {
    await partition.proveKey(referenceOf(object));
    return [];
  } catch (error) {
    const damage = damageOf(error);
    if (damage === null) throw error;
    return [damage];
  }
}

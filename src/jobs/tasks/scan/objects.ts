import { randomInt } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import type { Partition } from "#src/crypto/port.js";
import { isGenuineObject } from "#src/inventory/genuine.js";
import { referenceOf } from "#src/inventory/key-keeper.js";
import { objectOf } from "#src/inventory/rows.js";
import type { ManagedObject, MaterialForm } from "#src/objects/managed-object.js";
import { StorageError } from "#storage/errors.js";
import type { IndexOfObject } from "#storage/repositories/object-walks.js";
import type { ObjectPlace } from "#storage/task-types.js";
import type { ObjectRow } from "#storage/types.js";
import { damageOf } from "../findings.js";
import { theBeginning } from "../walk.js";
import { type Damage, reportDamage } from "./damage.js";
import { indexDamage, mendIndex } from "./index-mending.js";
import type { ScanRun } from "./position.js";

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
    const damage = await damageIn(measure, seen, isOpened);
    if (damage.length === 0) return;
    const row = await read.objects.byId(run.tenantId, seen.row.id);
    const [index] = await read.objectWalks.indexOf(run.tenantId, [seen.row.id]);
    if (row === null || index === undefined) return;
    const isSteady = row.version === seen.row.version && attempt > 1;
    seen = { row, index };
    if (!isSteady && attempt < tries) continue;
    const stays = run.order.repair === true ? await mend(run, row, damage) : damage;
    if (stays === "changed meanwhile") continue;
    for (const each of stays) reportDamage(run, row.id, each, row.id);
    return;
  }
}

/** Mends what can be mended of an object, and gives what cannot. */
async function mend(
  run: ScanRun,
  row: ObjectRow,
  damage: readonly Damage[],
): Promise<readonly Damage[] | "changed meanwhile"> {
  const mendable = damage.filter(({ remedy }) => remedy === "repair");
  // A row that is to be restored is not what its index is made from.
  const isRight = !damage.some(({ remedy }) => remedy === "row" || remedy === "age");
  if (mendable.length === 0 || !isRight) return damage;
  try {
    await mendIndex(run, objectOf(row), mendable);
  } catch (error) {
    if (error instanceof StorageError && error.code === "conflict") return "changed meanwhile";
    throw error;
  }
  for (const { reason } of mendable) run.repaired(row.id, `${reason}: made anew from its attributes`);
  return damage.filter((each) => !mendable.includes(each));
}

async function damageIn(
  { run, partition, versions }: Measure,
  { row, index }: Seen,
  isOpened: boolean,
): Promise<readonly Damage[]> {
  if (!(await isGenuineObject(partition, row))) {
    return [{ reason: "its row is not what this server wrote for this tenant, identifier and version", remedy: "row" }];
  }
  const object = objectOf(row);
  return [
    ...(await rollbackDamage(run, object)),
    ...indexDamage(row, object, index),
    ...(await keyDamage(partition, versions, object, isOpened)),
  ];
}

/** Clocks of servers, and the time between the beginning of a request and its turn, differ by less than this. */
const toleranceMilliseconds = 120_000;

/**
 * Whether the row is older than what the audit trail says was done to the object: each change sets Last Change Date. Of
 * each node the last row of its chain counts, whatever its clock said before.
 */
async function rollbackDamage(run: ScanRun, object: ManagedObject): Promise<readonly Damage[]> {
  const changes = await run.surroundings.database.read.auditStanding.lastChanges(run.tenantId, object.id);
  const stands = (object.attributes.get(attributes.lastChangeDate) ?? 0) * 1000;
  return changes
    .filter((change) => change.timeMs - (change.durationMicroseconds ?? 0) / 1000 > stands + toleranceMilliseconds)
    .map(({ operation, timeMs }) => {
      const time = new Date(timeMs).toISOString();
      const reason = `an earlier state of it was put back: ${operation} of ${time}, which the audit trail has, is not in it`;
      return { reason, remedy: "age" };
    });
}

/** Forms of material that rest wrapped, unless in the token. */
const wrappedForms: ReadonlySet<MaterialForm> = new Set(["secret", "private", "bytes"]);

async function keyDamage(
  partition: Partition,
  versions: ReadonlySet<number>,
  object: ManagedObject,
  isOpened: boolean,
): Promise<readonly Damage[]> {
  const { material } = object;
  if (material === null || !wrappedForms.has(material.form) || material.custody === "token") return [];
  if (!versions.has(material.keyEncryptionKeyVersion)) {
    const reason = `version ${material.keyEncryptionKeyVersion} of the key-encryption key above it is not in the token`;
    return [{ reason, remedy: "wrappedKey" }];
  }
  if (!isOpened) return [];
  try {
    await partition.proveKey(referenceOf(object));
    return [];
  } catch (error) {
    const reason = damageOf(error);
    if (reason === null) throw error;
    return [{ reason, remedy: "wrappedKey" }];
  }
}

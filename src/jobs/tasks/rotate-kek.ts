import type { Partition } from "#src/crypto/port.js";
import { authorityRewrapped, keyOfAuthority } from "#src/inventory/authorities.js";
import { ChangeSet } from "#src/inventory/change-set.js";
import { isGenuineAuthority } from "#src/inventory/genuine.js";
import { referenceOf } from "#src/inventory/key-keeper.js";
import { authenticatedBytes, rowOf } from "#src/inventory/rows.js";
import type { RotateOrder } from "#src/inventory/task-orders.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { change } from "#storage/changes.js";
import type { ObjectPlace, ObjectSighting } from "#storage/task-types.js";
import { damageOf } from "./findings.js";
import type { TaskKind } from "./task-kind.js";
import { TaskFailure, TaskPaused, type TaskRun } from "./task-run.js";
import { againOnConflict, theBeginning, walkObjects } from "./walk.js";

/** Where a rotation stands. */
export type RotationPosition =
  /** The version is about to be made: the durable mark of an intention. */
  | { readonly step: "make"; readonly version: number }
  /** Objects up to a place are under the version, in this pass over all of them, which has wrapped some anew. */
  | {
      readonly step: "wrap";
      readonly version: number;
      readonly after: ObjectPlace;
      readonly pass: number;
      readonly wrapped: number;
    }
  /** All blobs are under the version since this moment (milliseconds since 1970). */
  | { readonly step: "retire"; readonly version: number; readonly since: number };

type Run = TaskRun<RotateOrder, RotationPosition>;

/**
 * Passes over all objects: what was made while the first was under way, by whoever did not know of the new version yet,
 * is found by the second, and a pass that finds nothing is the last.
 */
const fewestPasses = 2;

/**
 * Makes the next version of a tenant's key-encryption key and wraps all of its keys anew:
 *  1. the number of the version is durable in the task; a crash now, or while it is made, has that very version made (or
 *     made anew, where the token kept only a part of it) and never one more;
 *  2. the version is in the token, and new keys are wrapped by it; old blobs open as before;
 *  3. each blob is wrapped anew in a transaction of its own with its integrity tag, unless the object has changed;
 *  4. where that was asked for, old versions are removed when nothing rests under them.
 */
export const rotateKek: TaskKind<"rotate-kek", RotationPosition> = {
  name: "rotate-kek",
  async run(run) {
    const partition = await run.surroundings.partitionOf(run.tenantId);
    for (;;) {
      const { position } = run;
      if (position === null) await plan(run, partition);
      else if (position.step === "make") await make(run, partition, position.version);
      else if (position.step === "wrap") await wrapAll(run, partition, position);
      else {
        if (run.order.removeOld) await removeOld(run, partition, position);
        return;
      }
    }
  },
};

async function plan(run: Run, partition: Partition): Promise<void> {
  const versions = await partition.keyEncryptionKeyVersions();
  const newest = versions.at(-1);
  if (newest === undefined) throw new TaskFailure("there is no key-encryption key in the tenant's token");
  run.setTotal(await run.surroundings.database.read.objectWalks.count(run.tenantId));
  await run.save({ step: "make", version: newest + 1 });
}

async function make(run: Run, partition: Partition, version: number): Promise<void> {
  await partition.makeKeyEncryptionKey(version);
  await run.save({ step: "wrap", version, after: theBeginning, pass: 1, wrapped: 0 });
}

async function wrapAll(run: Run, partition: Partition, from: RotationPosition & { step: "wrap" }): Promise<void> {
  const { version, pass } = from;
  let { wrapped } = from;
  await walkObjects(run, from.after, async (sightings, after) => {
    await run.each(sightings.filter(isUnderOld(version)), async ({ id }) => {
      if (await rewrapOne(run, partition, id, from)) wrapped += 1;
    });
    if (pass === 1) run.done(sightings.length);
    await run.save({ ...from, after, wrapped });
  });
  await rewrapAuthorities(run, partition, from);
  if (pass >= fewestPasses && wrapped === 0) await run.save({ step: "retire", version, since: run.surroundings.now() });
  else await run.save({ step: "wrap", version, after: theBeginning, pass: pass + 1, wrapped: 0 });
}

function isUnderOld(version: number): (sighting: Pick<ObjectSighting, "keyEncryptionKeyVersion">) => boolean {
  return ({ keyEncryptionKeyVersion: found }) => found > 0 && found < version;
}

type Pass = Pick<RotationPosition & { step: "wrap" }, "version" | "pass">;

/** Gives whether the object was wrapped anew. What cannot be is reported once, by the first pass. */
async function rewrapOne(run: Run, partition: Partition, id: string, { version, pass }: Pass): Promise<boolean> {
  try {
    await againOnConflict(() => rewrap(run, partition, id, version));
    return true;
  } catch (error) {
    const damage = damageOf(error);
    if (damage === null) throw error;
    if (pass === 1) {
      run.surroundings.raise({ kind: "integrity-damaged", tenantId: run.tenantId, objectId: id });
      run.fail(id, damage);
    }
    return false;
  }
}

async function rewrap(run: Run, partition: Partition, id: string, version: number): Promise<void> {
  const { database, store } = run.surroundings;
  const object = await store.findAnew(run.tenantId, id);
  const material = object?.material ?? null;
  if (object === undefined || material === null || !isUnderOld(version)(material)) return;
  const anew = await partition.rewrapKey(referenceOf(object));
  const { material: blob, keyEncryptionKeyVersion } = anew;
  const next: ManagedObject = { ...object, material: { ...material, blob, keyEncryptionKeyVersion } };
  const fields = rowOf(next);
  const integrityTag = await partition.authenticate(authenticatedBytes(fields, object.version + 1));
  const changes = new ChangeSet();
  changes.update(next);
  const row = { material: blob, keyEncryptionKeyVersion, integrityTag };
  const update = change("objects", "update", run.tenantId, id, object.version, { row });
  await store.replaceKeys(changes, () => database.commit([update]));
}

async function rewrapAuthorities(run: Run, partition: Partition, { version, pass }: Pass): Promise<void> {
  const { database } = run.surroundings;
  for (const row of await database.read.certificateAuthorities.list(run.tenantId)) {
    if (!isUnderOld(version)(row)) continue;
    if (!(await isGenuineAuthority(partition, row))) {
      run.surroundings.raise({ kind: "integrity-damaged", tenantId: run.tenantId });
      if (pass === 1) run.fail(`authority ${row.generation}`, "its row is not what this server wrote");
      continue;
    }
    const anew = await partition.rewrapKey(keyOfAuthority(row));
    await database.commit([await authorityRewrapped(partition, row, anew)]);
  }
}

/** Removes all versions but the newest, oldest first, once no request under way can still use them. */
async function removeOld(run: Run, partition: Partition, { version, since }: RotationPosition & { step: "retire" }) {
  const { now, retirementSeconds } = run.surroundings;
  const from = since + retirementSeconds * 1000;
  if (now() < from) throw new TaskPaused(from);
  const blobs = await blobsByVersion(run);
  for (const old of await partition.keyEncryptionKeyVersions()) {
    if (old >= version) break;
    const count = blobs.get(old) ?? 0;
    if (count > 0) {
      run.fail(`key-encryption key ${old}`, `it stays in the token: ${count} keys still rest under it`);
      break;
    }
    await partition.removeKeyEncryptionKey(old);
  }
  await run.save({ step: "retire", version, since });
}

/** How many blobs rest under each version. */
async function blobsByVersion(run: Run): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  const count = (version: number): void => {
    if (version > 0) counts.set(version, (counts.get(version) ?? 0) + 1);
  };
  await walkObjects(run, theBeginning, async (sightings) => {
    for (const { keyEncryptionKeyVersion } of sightings) count(keyEncryptionKeyVersion);
  });
  for (const row of await run.surroundings.database.read.certificateAuthorities.list(run.tenantId)) {
    count(row.keyEncryptionKeyVersion);
  }
  return counts;
}

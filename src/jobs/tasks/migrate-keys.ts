import { tenantSettings } from "#src/access/tenant-settings.js";
import { CryptoError, type CryptoErrorCode, type Partition } from "#src/crypto/port.js";
import { ChangeSet } from "#src/inventory/change-set.js";
import { referenceOf, tokenReference } from "#src/inventory/key-keeper.js";
import { type MigrateOrder, taskRecord } from "#src/inventory/task-orders.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { type Change, change } from "#storage/changes.js";
import { StorageError } from "#storage/errors.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { ObjectPlace, ObjectSighting } from "#storage/task-types.js";
import type { AuditRecord, IntentRow } from "#storage/types.js";
import { decideMove, inCustody, type MovableMaterial, newTokenId, takeInto } from "./custody-moves.js";
import { damageOf } from "./findings.js";
import type { TaskKind } from "./task-kind.js";
import type { TaskRun } from "./task-run.js";
import { againOnConflict, theBeginning, walkObjects } from "./walk.js";

/** Where a migration stands: objects up to a place, or so many of those that were named, are looked at. */
export type MigrationPosition = { readonly after: ObjectPlace } | { readonly named: number };

type Run = TaskRun<MigrateOrder, MigrationPosition>;

/** What a partition answers for a key that it cannot keep as asked, in this custody or at all. */
const refusals: ReadonlySet<CryptoErrorCode> = new Set(["unsupported", "invalid-data", "not-extractable"]);

/** Named objects looked at between two moments at which the run is made durable. */
const pageSize = 50;

/** Moves keys into another custody, each in a transaction of its own; they can be used all the while. */
export const migrateKeys: TaskKind<"migrate-keys", MigrationPosition> = {
  name: "migrate-keys",
  async run(run) {
    const { database, partitionOf } = run.surroundings;
    const partition = await partitionOf(run.tenantId);
    const settings = tenantSettings(await database.read.tenantSettings.list(run.tenantId));
    const mover: Mover = { run, partition, softwareAllowed: settings.softwareCryptography };
    if (run.order.objects === undefined) await moveAll(mover);
    else await moveNamed(mover, run.order.objects);
  },
};

interface Mover {
  readonly run: Run;
  readonly partition: Partition;
  readonly softwareAllowed: boolean;
}

async function moveAll(mover: Mover): Promise<void> {
  const { run } = mover;
  const { position } = run;
  if (position === null) run.setTotal(await run.surroundings.database.read.objectWalks.count(run.tenantId));
  const from = position !== null && "after" in position ? position.after : theBeginning;
  await walkObjects(run, from, async (sightings, after) => {
    const meant = sightings.filter((sighting) => isMeant(run.order, sighting));
    await run.each(meant, ({ id }) => moveOne(mover, id));
    run.done(sightings.length);
    await run.save({ after });
  });
}

function isMeant({ from, to, objectType }: MigrateOrder, sighting: ObjectSighting): boolean {
  if (sighting.custody === to) return false;
  if (from !== undefined && sighting.custody !== from) return false;
  return objectType === undefined || sighting.objectType === objectType;
}

async function moveNamed(mover: Mover, ids: readonly string[]): Promise<void> {
  const { run } = mover;
  const { position } = run;
  if (position === null) run.setTotal(ids.length);
  let named = position !== null && "named" in position ? position.named : 0;
  while (named < ids.length) {
    const page = ids.slice(named, named + pageSize);
    await run.each(page, (id) => moveOne(mover, id));
    named += page.length;
    run.done(page.length);
    await run.save({ named });
  }
}

/** Moves the key of one object; reports why where it is left as it is. */
async function moveOne(mover: Mover, id: string): Promise<void> {
  const { run } = mover;
  try {
    await againOnConflict(() => move(mover, id));
  } catch (error) {
    if (error instanceof CryptoError && refusals.has(error.code)) {
      run.skip(id, error.message);
      return;
    }
    const damage = damageOf(error);
    if (damage === null) throw error;
    run.fail(id, damage);
  }
}

/**
 *  1. where the key goes into the token, the intention is durable; a crash now has the sweep close it;
 *  2. the key is in its new place, and still in the old one, by which it is used; a crash now has the sweep remove it
 *     from the token, and what was wrapped stands nowhere;
 *  3. one transaction makes the object's row name the new place, closes the intention and says so in the audit;
 *  4. the old place is forgotten.
 */
async function move({ run, partition, softwareAllowed }: Mover, id: string): Promise<void> {
  const { store, database } = run.surroundings;
  const object = await store.findAnew(run.tenantId, id);
  if (object === undefined) {
    run.skip(id, "there is no such object");
    return;
  }
  const decision = decideMove(object, run.order.to, { softwareAllowed });
  if (decision.kind === "refused") run.skip(id, decision.reason);
  if (decision.kind !== "move") return;
  const tokenId = newTokenId();
  const intent = run.order.to === "token" ? intentOf(run, id, tokenId, decision.material) : undefined;
  if (intent !== undefined) {
    const begun: AuditRecord = { ...recordOf(run, id), outcome: "intent" };
    await database.commit([change("intents", "open", intent), change("audit", "append", begun)]);
  }
  try {
    const material = await takeInto(partition, object, decision.material, { to: run.order.to, tokenId });
    await commitMove(run, inCustody(object, material, Math.floor(run.surroundings.now() / 1000)), intent);
  } catch (error) {
    if (intent !== undefined) await takeBack(run, partition, intent, error);
    throw error;
  }
  await partition.forget(referenceOf(object).objectId);
}

async function commitMove(run: Run, next: ManagedObject, intent: IntentRow | undefined): Promise<void> {
  const { store, database, noticesOf, auditAppended } = run.surroundings;
  const changes = new ChangeSet();
  changes.update(next);
  const prepared = await store.prepare(run.tenantId, changes);
  const notices = await noticesOf(run.tenantId, changes);
  const closing: readonly Change[] = intent === undefined ? [] : [change("intents", "close", intent.id)];
  const append = change("audit", "append", recordOf(run, next.id));
  const [position] = await store.replaceKeys(changes, () =>
    database.commit([append, ...prepared, ...notices, ...closing]),
  );
  auditAppended(position);
}

/** Removes from the token what no row will name. What cannot be removed now the sweep removes, by the intent. */
async function takeBack(run: Run, partition: Partition, intent: IntentRow, reason: unknown): Promise<void> {
  if (reason instanceof StorageError && reason.outcomeUnknown) return;
  const { objectId, tokenId, detail } = intent;
  const { keyClass } = JSON.parse(detail) as { keyClass: string };
  try {
    await partition.destroyKey(tokenReference(objectId, tokenId ?? Buffer.alloc(0), keyClass));
    await run.surroundings.database.commit([change("intents", "close", intent.id)]);
  } catch (error) {
    run.surroundings.log.error({ error, objectId }, "a key that was not moved could not be removed from the token yet");
  }
}

function intentOf(run: Run, objectId: string, tokenId: Buffer, { form }: MovableMaterial): IntentRow {
  return {
    id: newIdentifier(),
    tenantId: run.tenantId,
    nodeId: run.surroundings.nodeId,
    kind: "create",
    objectId,
    tokenId,
    createdAt: run.surroundings.now(),
    detail: JSON.stringify({ keyClass: form }),
  };
}

function recordOf(run: Run, objectId: string): AuditRecord {
  const detail = JSON.stringify({ to: run.order.to });
  return {
    ...taskRecord(run.task, run.surroundings.now()),
    operation: "Migrate Key",
    objectId,
    outcome: "success",
    detail,
  };
}

import { isDatabaseBehind } from "#src/audit/outside-checkpoints.js";
import type { Partition, TokenKey, TokenRemnant } from "#src/crypto/port.js";
import { tokenReference } from "#src/inventory/key-keeper.js";
import { TaskPaused } from "../task-run.js";
import { mendingRecord } from "./damage.js";
import type { ScanPosition, ScanRun } from "./position.js";
import { keysOf, missingOf } from "./token.js";
import { namedByIntents, namedByRows } from "./token-names.js";

/** Scans whose findings say since when something is known. */
const earlierScans = 50;
const findingsOfOne = 10_000;

const keySubject = (tokenId: string): string => `token object ${tokenId}`;
const remnantSubject = ({ name }: TokenRemnant): string => `incomplete token object ${name}`;

/** What is in the token and of nobody. */
interface Orphans {
  readonly keys: readonly TokenKey[];
  /** What is left of keys whose making was cut off. */
  readonly remnants: readonly TokenRemnant[];
  /** Whether a key that a row names is missing: a remnant may be what is left of it. */
  readonly isAnyMissing: boolean;
}

/**
 * Finds what is in the token and of nobody. A scan that repairs removes it, once it has been known for longer than any
 * request takes: from an earlier scan, or by waiting. Keys are removed only while the database has all that the
 * checkpoints outside it know of: in one that was put back, what is newer than the backup looks like nobody's.
 */
export async function scanOrphans(
  run: ScanRun,
  partition: Partition,
  position: ScanPosition & { part: "orphans" },
): Promise<void> {
  const orphans = await orphansOf(run, partition);
  if (orphans.keys.length + orphans.remnants.length === 0) return;
  if (run.order.repair !== true) {
    for (const { tokenId } of orphans.keys) {
      run.skip(keySubject(tokenId.toString("hex")), "it is in the token, and nothing of the tenant names it");
    }
    for (const remnant of orphans.remnants)
      run.skip(remnantSubject(remnant), "the making of a key left it; it is none");
    return;
  }
  const objection = await objectionTo(run);
  if (objection !== null) {
    for (const { tokenId } of orphans.keys) run.skip(keySubject(tokenId.toString("hex")), objection);
  }
  const due = await dueOf(run, objection === null ? orphans.keys : [], position.seen);
  for (const key of due) await removeKey(run, partition, key);
  await removeRemnants(run, partition, orphans);
}

async function orphansOf(run: ScanRun, partition: Partition): Promise<Orphans> {
  const listed = await keysOf(partition);
  const intended = await namedByIntents(run);
  const named = await namedByRows(run);
  const isAnyMissing = missingOf(named, listed).size > 0;
  const strange = [...listed].filter(([tokenId]) => !named.has(tokenId) && intended?.has(tokenId) === false);
  const oldestUnderWay = run.surroundings.now() - run.surroundings.abandonedMilliseconds;
  const remnants = (await partition.tokenRemnants()).filter(({ modifiedMs }) => modifiedMs <= oldestUnderWay);
  return { keys: await stillStrange(run, partition, new Map(strange)), remnants, isAnyMissing };
}

/**
 * Those that are there still and of nobody. The order of all these looks matters: a key that was listed was named by its
 * intent before it was made, so if that is closed by the time the intents are read, a row names the key or did. Where
 * that row has gone since, the intent to remove the key is open, or the key is gone by the time it is listed again.
 */
async function stillStrange(
  run: ScanRun,
  partition: Partition,
  strange: ReadonlyMap<string, TokenKey>,
): Promise<readonly TokenKey[]> {
  if (strange.size === 0) return [];
  const intended = await namedByIntents(run);
  const listed = await keysOf(partition);
  return [...strange].flatMap(([tokenId, key]) =>
    listed.has(tokenId) && intended?.has(tokenId) === false ? [key] : [],
  );
}

/** Why no key may be removed now; null where it may. */
async function objectionTo({ surroundings, tenantId }: ScanRun): Promise<string | null> {
  const { database, checkpointFile } = surroundings;
  if (!(await isDatabaseBehind(database.read, tenantId, checkpointFile))) return null;
  return (
    "nothing names it, but the database is not the one that the checkpoints outside it know: it may be of a key that is " +
    "newer than a backup that was put back; see keyreeve audit verify"
  );
}

/** Those that have been known for long enough. Waits with the others: the run goes on when their time has come. */
async function dueOf(
  run: ScanRun,
  keys: readonly TokenKey[],
  seen: Readonly<Record<string, number>>,
): Promise<readonly TokenKey[]> {
  if (keys.length === 0) return [];
  const { now, abandonedMilliseconds } = run.surroundings;
  const earlier = await knownSince(run);
  const since = Object.fromEntries(
    keys.map(({ tokenId }) => {
      const subject = keySubject(tokenId.toString("hex"));
      return [subject, Math.min(earlier.get(subject) ?? now(), seen[subject] ?? now())];
    }),
  );
  const until = Math.max(...Object.values(since)) + abandonedMilliseconds;
  if (until <= now()) return keys;
  await run.save({ part: "orphans", seen: since });
  throw new TaskPaused(until);
}

/** Since when earlier scans of the tenant have known of what is in the token and of nobody. */
async function knownSince({ surroundings, tenantId }: ScanRun): Promise<ReadonlyMap<string, number>> {
  const { tasks } = surroundings.database.read;
  const since = new Map<string, number>();
  for (const { id, endedAt } of await tasks.list({ tenantId, kind: "scan-integrity" }, earlierScans)) {
    if (endedAt === null) continue;
    for (const { kind, subject } of await tasks.findings(id, findingsOfOne)) {
      if (kind === "skipped") since.set(subject, Math.min(since.get(subject) ?? endedAt, endedAt));
    }
  }
  return since;
}

async function removeKey(run: ScanRun, partition: Partition, { tokenId, keyClass }: TokenKey): Promise<void> {
  const { database } = run.surroundings;
  const name = tokenId.toString("hex");
  const detail = { tokenObject: name };
  await database.commit([mendingRecord(run, "Remove Orphaned Key", { outcome: "intent", detail })]);
  await partition.destroyKey(tokenReference(name, tokenId, keyClass));
  await database.commit([mendingRecord(run, "Remove Orphaned Key", { detail })]);
  run.repaired(keySubject(name), "it was in the token, and nothing of the tenant named it: it is removed");
}

async function removeRemnants(run: ScanRun, partition: Partition, orphans: Orphans): Promise<void> {
  // Those that were found as keys, too, are gone.
  const there = new Set((await partition.tokenRemnants()).map(({ name }) => name));
  for (const remnant of orphans.remnants.filter(({ name }) => there.has(name))) {
    const subject = remnantSubject(remnant);
    if (orphans.isAnyMissing) {
      run.skip(subject, "it is no whole key, and is kept: it may be what is left of one that is missing");
      continue;
    }
    await partition.removeTokenRemnant(remnant);
    const detail = { tokenObject: remnant.name };
    await run.surroundings.database.commit([mendingRecord(run, "Remove Incomplete Key", { detail })]);
    run.repaired(subject, "the making of a key left it: it is removed");
  }
}

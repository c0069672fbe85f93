import { change } from "#storage/changes.js";
import { StorageError } from "#storage/errors.js";
import { mendingRecord, reportDamage } from "./damage.js";
import type { ScanPosition, ScanRun } from "./position.js";

const pageSize = 200;

/** Finds rows of the index that stand for no object of the tenant. Those of its objects are checked with them. */
export async function scanIndex(run: ScanRun, { of, after }: ScanPosition & { part: "index" }): Promise<void> {
  const { read } = run.surroundings.database;
  for (let from: string | null = after; from !== null; ) {
    run.demandGoingOn();
    const { next, strangers } = await read.objectWalks.strangers(of, run.tenantId, from, pageSize);
    for (const id of strangers) {
      const reason = `the index of ${of} has rows for it, and the tenant has no such object`;
      if (run.order.repair === true) await drop(run, id, reason);
      else reportDamage(run, id, { reason, remedy: "repair" });
    }
    from = next;
    if (next !== null) await run.save({ part: "index", of, after: next });
  }
}

async function drop(run: ScanRun, id: string, reason: string): Promise<void> {
  try {
    await run.surroundings.database.commit([
      change("objects", "dropIndex", run.tenantId, id),
      mendingRecord(run, "Rebuild Index", { objectId: id, detail: { mended: [reason] } }),
    ]);
  } catch (error) {
    // It is there by now, with its index.
    if (error instanceof StorageError && error.code === "conflict") return;
    throw error;
  }
  run.repaired(id, `${reason}: they are removed`);
}

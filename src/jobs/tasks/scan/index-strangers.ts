import type { ScanPosition, ScanRun } from "./position.js";
import { reportDamage } from "./position.js";

const pageSize = 200;

/** Finds rows of the index that stand for no object of the tenant. Those of its objects are checked with them. */
export async function scanIndex(run: ScanRun, { of, after }: ScanPosition & { part: "index" }): Promise<void> {
  const { read } = run.surroundings.database;
  for (let from: string | null = after; from !== null; ) {
    run.demandGoingOn();
    const { next, strangers } = await read.objectWalks.strangers(of, run.tenantId, from, pageSize);
    for (const id of strangers) {
      reportDamage(run, id, `the index of ${of} has rows for it, and the tenant has no such object`);
    }
    from = next;
    if (next !== null) await run.save({ part: "index", of, after: next });
  }
}

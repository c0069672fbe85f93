import { settleIntents } from "../../settle-intents.js";
import type { ScanRun } from "./position.js";

/** Interrupted key changes that are reported one by one. */
const reportedLimit = 1_000;

/** Settles interrupted key changes where the scan repairs, and reports those that are older than any request. */
export async function scanIntents(run: ScanRun): Promise<void> {
  const { database, partitionOf, log, abandonedMilliseconds, now } = run.surroundings;
  const { tenantId, task } = run;
  if (run.order.repair === true) {
    const inName = {
      clientName: task.askedBy,
      certificateFingerprint: task.askedFingerprint,
      sourceAddress: task.askedFrom,
    };
    const settled = ({ objectId, kind }: { readonly objectId: string; readonly kind: string }): void =>
      run.repaired(objectId, `an interrupted change of its key (${kind}) is settled`);
    await settleIntents({ database, partitionOf, log, tenantId, inName, settled }, abandonedMilliseconds);
  }
  const left = await database.read.intents.ofTenant(tenantId, now() - abandonedMilliseconds, reportedLimit);
  for (const { objectId, kind } of left) {
    run.skip(
      objectId,
      `an interrupted change of its key (${kind}) is open; the server settles it while the token answers`,
    );
  }
}

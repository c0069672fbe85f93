import type { Partition, TokenKey } from "#src/crypto/port.js";
import { reportDamage } from "./damage.js";
import type { ScanRun } from "./position.js";
import { type Named, namedByRows } from "./token-names.js";

/**
 * Looks for the keys that rows name in the token. Keys are listed only while the canary of the partition is found. What
 * looks wrong is looked at again: keys come and go meanwhile.
 */
export async function scanToken(run: ScanRun, partition: Partition): Promise<void> {
  const present = await keysOf(partition);
  const missing = missingOf(await namedByRows(run), present);
  if (missing.size === 0) return;
  const presentNow = await keysOf(partition);
  for (const [tokenId, { subject, objectId }] of missingOf(await namedByRows(run), presentNow)) {
    if (!missing.has(tokenId)) continue;
    const reason = "its key is not in the token, although the token is there";
    reportDamage(run, subject, { reason, remedy: "tokenKey" }, objectId);
  }
}

/** The keys of a token by their identifier in hexadecimal digits. */
export async function keysOf(partition: Partition): Promise<ReadonlyMap<string, TokenKey>> {
  return new Map((await partition.tokenKeys()).map((key) => [key.tokenId.toString("hex"), key]));
}

/** What is named and not there. */
export function missingOf(named: Named, present: ReadonlyMap<string, TokenKey>): Named {
  return new Map([...named].filter(([tokenId]) => !present.has(tokenId)));
}

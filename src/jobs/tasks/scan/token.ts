import type { Partition, TokenKey } from "#src/crypto/port.js";
import { reportDamage } from "./damage.js";
import type { ScanRun } from "./position.js";
import { type Named, namedByRows } from "./token-names.js";

/**
 * Looks for the keys that rows name in the token, and tells whether there is anything in it that none names. Keys are
 * listed only while the canary of the partition is found.
 */
export async function scanToken(run: ScanRun, partition: Partition): Promise<boolean> {
  const present = await keysOf(partition);
  const named = await namedByRows(run);
  await reportMissing(run, partition, missingOf(named, present));
  return [...present.keys()].some((tokenId) => !named.has(tokenId)) || (await partition.tokenRemnants()).length > 0;
}

/** Reports what is missing when it is looked at again: keys come and go meanwhile. */
async function reportMissing(run: ScanRun, partition: Partition, missing: Named): Promise<void> {
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

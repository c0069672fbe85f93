import type { Partition } from "#src/crypto/port.js";
import type { ObjectRow } from "#storage/types.js";
import { theBeginning, walkObjects } from "../walk.js";
import { reportDamage, type ScanRun } from "./position.js";

/** What the rows name in the token: the identifier there, in hexadecimal digits, and whose key it is. */
type Named = ReadonlyMap<string, { readonly subject: string; readonly objectId: string | undefined }>;

const intentsAtOnce = 10_000;

/**
 * Holds the keys of the token against the rows that name them, both ways. Keys are listed only while the canary of the
 * partition is found. What looks wrong is looked at again: keys come and go meanwhile.
 */
export async function scanToken(run: ScanRun, partition: Partition): Promise<void> {
  const present = await listed(partition);
  const named = await namedByRows(run);
  const missing = [...named].filter(([tokenId]) => !present.has(tokenId));
  const strange = [...present].filter((tokenId) => !named.has(tokenId));
  if (missing.length === 0 && strange.length === 0) return;
  const [presentNow, namedNow, intended] = [await listed(partition), await namedByRows(run), await byIntents(run)];
  for (const [tokenId, { subject, objectId }] of missing) {
    if (presentNow.has(tokenId) || !namedNow.has(tokenId)) continue;
    reportDamage(run, subject, "its key is not in the token, although the token is there", objectId);
  }
  for (const tokenId of strange) {
    if (!presentNow.has(tokenId) || namedNow.has(tokenId) || intended.has(tokenId)) continue;
    run.skip(`token object ${tokenId}`, "it is in the token, and nothing of the tenant names it");
  }
}

async function listed(partition: Partition): Promise<ReadonlySet<string>> {
  return new Set((await partition.tokenKeys()).map(({ tokenId }) => tokenId.toString("hex")));
}

/** Keys under way: their intents name them. */
async function byIntents(run: ScanRun): Promise<ReadonlySet<string>> {
  const { database, now } = run.surroundings;
  const open = await database.read.intents.olderThan(now() + 1000, intentsAtOnce);
  return new Set(open.flatMap(({ tokenId }) => (tokenId === null ? [] : [Buffer.from(tokenId).toString("hex")])));
}

async function namedByRows(run: ScanRun): Promise<Named> {
  const { read } = run.surroundings.database;
  const named = new Map<string, { readonly subject: string; readonly objectId: string | undefined }>();
  const name = (material: Uint8Array, subject: string, objectId?: string): void => {
    named.set(Buffer.from(material).toString("hex"), { subject, objectId });
  };
  await walkObjects(run, theBeginning, async (sightings) => {
    const inToken = sightings.filter(({ custody }) => custody === "token").map(({ id }) => id);
    for (const row of inToken.length === 0 ? [] : await read.objects.byIds(run.tenantId, inToken)) {
      if (row.material !== null && isKeyOfToken(row)) name(row.material, row.id, row.id);
    }
  });
  for (const { custody, material, generation } of await read.certificateAuthorities.list(run.tenantId)) {
    if (custody === "token") name(material, `certification authority ${generation}`);
  }
  return named;
}

function isKeyOfToken({ materialInformation }: ObjectRow): boolean {
  const { form } = JSON.parse(materialInformation) as { readonly form?: string };
  return form === "secret" || form === "private";
}

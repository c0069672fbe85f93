import type { ObjectRow } from "#storage/types.js";
import { theBeginning, walkObjects } from "../walk.js";
import type { ScanRun } from "./position.js";

/** What the rows name in the token: the identifier there, in hexadecimal digits, and whose key it is. */
export type Named = ReadonlyMap<string, { readonly subject: string; readonly objectId: string | undefined }>;

/** Keys under way that are looked at. */
const intentsAtOnce = 10_000;

/** What the rows of objects and of authorities name in the token. */
export async function namedByRows(run: ScanRun): Promise<Named> {
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

/** The keys under way, which their intents name; null where there are too many to know them all. */
export async function namedByIntents(run: ScanRun): Promise<ReadonlySet<string> | null> {
  const { database, now } = run.surroundings;
  // Clocks of other nodes may be ahead.
  const open = await database.read.intents.ofTenant(run.tenantId, now() + 86_400_000, intentsAtOnce);
  if (open.length === intentsAtOnce) return null;
  return new Set(open.flatMap(({ tokenId }) => (tokenId === null ? [] : [Buffer.from(tokenId).toString("hex")])));
}

function isKeyOfToken({ materialInformation }: ObjectRow): boolean {
  const { form } = JSON.parse(materialInformation) as { readonly form?: string };
  return form === "secret" || form === "private";
}

import { StorageError } from "#storage/errors.js";
import type { ObjectPlace, ObjectSighting } from "#storage/task-types.js";
import type { TaskRun } from "./task-run.js";

/** Before all objects. */
export const theBeginning: ObjectPlace = { creationOrder: 0, id: "" };

/** Objects looked at between two moments at which a run is made durable. */
const pageSize = 200;

/** How often a change is tried again that somebody else's change of the same object came before. */
const tries = 8;

/** Goes over the objects of the tenant from behind a place, page by page; `page` says where the next one begins. */
export async function walkObjects(
  run: TaskRun<never, never> | TaskRun<unknown, unknown>,
  from: ObjectPlace,
  page: (sightings: readonly ObjectSighting[], after: ObjectPlace) => Promise<void>,
): Promise<void> {
  const { objectWalks } = run.surroundings.database.read;
  for (let after = from; ; ) {
    run.demandGoingOn();
    const sightings = await objectWalks.sightings(run.tenantId, after, pageSize);
    const last = sightings.at(-1);
    if (last === undefined) return;
    after = { creationOrder: last.creationOrder, id: last.id };
    await page(sightings, after);
    if (sightings.length < pageSize) return;
  }
}

/** Tries a change again, on what has become of the object, where another change of it came first. */
export async function againOnConflict(change: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== "conflict" || attempt === tries) throw error;
    }
  }
}

import { statSync } from "node:fs";
import { join } from "node:path";
import { objectLimits } from "#src/config/limits.js";
import { cacheKibibytes } from "#storage/drivers/knex.js";
import { SeededRandom } from "#test/fuzz/random.js";
import { grouped } from "#test/harness/verdict.js";
import { connectTo, type TestServer } from "#test/support/server.js";
import { MixedLoad } from "./client.js";

/** Longest that filling takes, in minutes. */
const minutesAtMost = 20;

/** How often it is told how far it is, in milliseconds. */
const tellMilliseconds = 15_000;

/** Keys that a client makes on one connection. */
const keysPerConnection = 500;

/** Steps of the mix with each key, so that what all requests use is compiled and optimised, too. */
const stepsPerKey = 5;

/** So many bytes of the database pass through the writer's cache of pages until it is full, and some more. */
const databaseBytes = 1.25 * cacheKibibytes.write * 1024;

/**
 * Fills what a server keeps in memory up to a bound: objects, and pages of the database; and has V8 compile what is used
 * often. With few requests that takes hours, in which the server grows as it should. Rejects where it is not done in time.
 */
export async function fillCaches(
  server: TestServer,
  { connections, seed }: { readonly connections: number; readonly seed: number },
): Promise<void> {
  const objects = objectLimits.cachedObjects.parse(undefined);
  const endsAt = performance.now() + minutesAtMost * 60_000;
  let made = 0;
  const storedBytes = (): number => statSync(join(server.home, "keyreeve.db")).size;
  const progress = (): string =>
    `${grouped(made)} objects, database of ${(storedBytes() / 1024 / 1024).toFixed(0)} MiB`;
  const isFull = (): boolean => made >= objects && storedBytes() >= databaseBytes;
  const drive = async (number: number): Promise<void> => {
    const random = new SeededRandom(seed + number);
    for (let connection = 0; !isFull(); connection += 1) {
      const client = await connectTo(server);
      const mix = new MixedLoad(client, `fill-${number}-${connection}`, random, async () => undefined);
      for (let key = 0; key < keysPerConnection && !isFull(); key += 1) {
        if (performance.now() > endsAt) throw new Error(`the caches are not full in time: ${progress()}`);
        await mix.fill(stepsPerKey);
        made += 1;
      }
      await mix.end();
      await client.close();
    }
  };
  const telling = setInterval(() => process.stderr.write(`filling the caches: ${progress()}\n`), tellMilliseconds);
  try {
    await Promise.all(Array.from({ length: connections }, (_, number) => drive(number)));
  } finally {
    clearInterval(telling);
  }
}

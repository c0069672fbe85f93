import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseConfiguration } from "./configuration.js";
import { StorageError } from "./errors.js";

/** What a database file must be able to grow by before it counts as no longer full, in bytes: more than one commit needs. */
const leastRoom = 4 * 1024 * 1024;

/**
 * Resolves where a database can grow, as far as that can be told from here: of PostgreSQL it cannot. A small commit may
 * succeed on a disk that has no room for the next one. Throws StorageError `full`.
 */
export async function demandRoom(configuration: DatabaseConfiguration, least = leastRoom): Promise<void> {
  if (configuration.client === "pg") return;
  const { bavail, bsize } = await statfs(dirname(configuration.filename));
  const free = bavail * bsize;
  if (free < least) throw new StorageError("full", `only ${free} bytes are free, ${least} are needed to go on`);
}

/** Faults of PostgreSQL, of the way to it, and its failover, for a server that knows two addresses of it. */
import { postgresPrograms } from "#test/support/postgres.js";
import { Arena } from "./arena.js";
import { type ArenaSize, type OpenArena, partOfFaults } from "./part.js";
import { PostgresCluster } from "./postgres-cluster.js";
import { postgresFaults } from "./postgres-faults.js";

async function open(size: ArenaSize): Promise<OpenArena> {
  const cluster = await PostgresCluster.start();
  try {
    const { lines } = cluster;
    const arena = await Arena.make({ ...size, database: { configuration: () => cluster.configuration, lines } });
    const close = async (): Promise<void> => {
      try {
        await arena.close();
      } finally {
        await cluster.close();
      }
    };
    return { arena, faults: postgresFaults(cluster), close };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

export const postgres = partOfFaults("postgres", {
  about: "PostgreSQL stopped, killed, standing still, cut off, locked, read-only, full, failed over, left behind",
  longRounds: 50,
  obstacle: () => (postgresPrograms() === null ? "PostgreSQL is missing (Debian: apt-get install postgresql)" : null),
  open,
});

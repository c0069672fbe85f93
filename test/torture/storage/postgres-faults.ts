/** Faults of a PostgreSQL and of the way to it. */
import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "#storage/connection.js";
import { openConnection } from "#storage/drivers/index.js";
import { freeze } from "#test/support/frozen-postgres.js";
import { command, demandStandby, promote } from "#test/support/standby.js";
import { killPostgres } from "../crash/processes.js";
import type { Arena } from "./arena.js";
import { dropPackets, noDroppedPort } from "./dropped-port.js";
import { type Fault, type Heal, withoutDatabase } from "./fault.js";
import type { PostgresCluster } from "./postgres-cluster.js";

/** Connections of a server: one to write, two to read. */
const ownConnections = 3;
const endOfConnections = 10_000;

type Inject = (cluster: PostgresCluster, arena: Arena, random: (below: number) => number) => Promise<Heal>;

/** Makes the faults of a cluster. */
export function postgresFaults(cluster: PostgresCluster): readonly Fault[] {
  const after = async (): Promise<readonly string[]> => {
    const number = await cluster.connections(ownConnections, endOfConnections);
    return number <= ownConnections ? [] : [`PostgreSQL still has ${number} connections of the server`];
  };
  const fault = (name: string, lasts: number, inject: Inject, more: Partial<Fault> = {}): Fault => ({
    name,
    ...withoutDatabase,
    answeredWithin: 5000,
    lasts,
    after,
    inject: (arena, random) => inject(cluster, arena, random),
    ...more,
  });
  const behind = ["database-unavailable", "database-behind", "database-recovered"] as const;
  return [
    fault("PostgreSQL stopped in order", 2500, stopped("fast")),
    fault("PostgreSQL stopped at once", 2500, stopped("immediate")),
    fault("PostgreSQL killed", 2500, killed),
    fault("PostgreSQL restarted", 0, restarted, unnoticed),
    fault("PostgreSQL stands still", 8000, frozen),
    fault("network swallows what is sent", 8000, swallowed),
    ...(noDroppedPort() === null ? [fault("network drops packets", 8000, dropped)] : []),
    fault("connections refused", 2500, refused),
    fault("audit table locked", 8000, locked),
    fault("statements time out", 4000, timedOut),
    fault("database read-only", 3000, readOnly),
    fault("no connection left", 4000, outOfConnections),
    ...(cluster.disk === undefined ? [] : [fault("disk of PostgreSQL full", 4000, diskFull)]),
    // What waits for the standby when the old one is killed may be served by the new one.
    fault("failover to a standby", 1500, failedOver, { felt: { get: "slowed" } }),
    fault("failover to a standby that lags", 3000, lagging, { events: behind }),
  ];
}

/** What is over before anybody looks: nothing need be refused. */
const unnoticed: Partial<Fault> = { felt: { get: "slowed" }, events: [], metrics: {} };

function stopped(mode: "fast" | "immediate"): Inject {
  return async ({ postgres }) => {
    await postgres.kill(mode);
    return () => postgres.restart();
  };
}

const killed: Inject = async ({ postgres }) => {
  await killPostgres(postgres.configuration.host);
  return () => postgres.restart();
};

const restarted: Inject = async ({ postgres }) => {
  await postgres.kill("fast");
  await postgres.restart();
  return async () => undefined;
};

const frozen: Inject = async ({ postgres }) => {
  const thaw = freeze(postgres);
  return async () => thaw();
};

const swallowed: Inject = async ({ board }) => {
  board.swallow();
  return async () => board.pass();
};

const dropped: Inject = ({ ports }) => dropPackets(ports);

const refused: Inject = async ({ board }) => {
  board.refuse();
  return async () => board.pass();
};

/** Has another session hold a lock that keeps everybody from the audit table; gives how to end that. */
async function lockAudit({ configuration }: PostgresCluster): Promise<Heal> {
  const other = await openConnection(configuration, "migrate");
  await other.command("begin");
  await other.command("lock table audit in access exclusive mode");
  return async () => {
    await other.command("rollback");
    await other.close();
  };
}

const locked: Inject = (cluster) => lockAudit(cluster);

const endSessions =
  "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'keyreeve' and pid <> pg_backend_pid()";

/** Not the one that holds the lock. */
const endSessionsOfServer = `${endSessions} and state <> 'idle in transaction'`;

/** Nothing that waits for a lock ends in time, and PostgreSQL is the one that ends it. */
const timedOut: Inject = async (cluster) => {
  const release = await lockAudit(cluster);
  await command(cluster.postgres, "alter role keyreeve set statement_timeout = '300ms'", endSessionsOfServer);
  return async () => {
    await command(cluster.postgres, "alter role keyreeve reset statement_timeout", endSessionsOfServer);
    await release();
  };
};

const setting = (cluster: PostgresCluster, words: string): Promise<void> =>
  command(
    cluster.postgres,
    "set default_transaction_read_only = off",
    `alter system ${words}`,
    "select pg_reload_conf()",
  );

const readOnly: Inject = async (cluster) => {
  await setting(cluster, "set default_transaction_read_only = on");
  return () => setting(cluster, "reset default_transaction_read_only");
};

const tries = 200;

/** Others take every connection that there is, those of the server included. */
const outOfConnections: Inject = async ({ configuration }) => {
  const others: Connection[] = [];
  const take = async (): Promise<boolean> => {
    try {
      others.push(await openConnection(configuration, "migrate"));
      return true;
    } catch {
      return false;
    }
  };
  const [first] = (await take()) ? others : [];
  await first?.command("set application_name = 'torture'");
  for (let left = tries; left > 0; left -= 1) {
    if (await take()) await others.at(-1)?.command("set application_name = 'torture'");
    else await first?.command(endSessions);
  }
  return async () => void (await Promise.all(others.map((other) => other.close())));
};

const diskFull: Inject = async ({ disk }) => {
  if (disk === undefined) throw new RangeError("its data are on no disk of their own");
  await disk.fill(0);
  return () => disk.empty();
};

const failedOver: Inject = async (cluster) => {
  await cluster.makeStandby();
  await demandStandby(cluster.postgres, true);
  await killPostgres(cluster.postgres.configuration.host);
  return () => cluster.failOver();
};

const missed = 20;

/** A standby that lacks what was acknowledged takes over; the fault ends when the old one is back. */
const lagging: Inject = async (cluster, arena) => {
  const standby = await cluster.makeStandby();
  await standby.kill();
  await arena.untilAcknowledged(missed);
  await killPostgres(cluster.postgres.configuration.host);
  await standby.restart();
  await promote(standby);
  await pause(100);
  return async () => {
    await cluster.dropStandby();
    await cluster.postgres.restart();
  };
};

import type { DatabaseConfiguration } from "#storage/configuration.js";
import { openConnection } from "#storage/drivers/index.js";

const sqliteTriggers = ["audit", "audit_checkpoints"].flatMap((table) =>
  ["update", "delete"].map((action) => ({
    drop: `drop trigger ${table}_no_${action}`,
    make: `create trigger ${table}_no_${action} before ${action} on ${table} begin select raise(abort, 'rows of the audit trail are immutable'); end`,
  })),
);
const postgresTriggers = ["audit", "audit_checkpoints"].map((table) => ({
  drop: `alter table ${table} disable trigger all`,
  make: `alter table ${table} enable trigger all`,
}));

/** Does to the database what an administrator of it could: takes the triggers away first, unless told otherwise. */
export async function alter(
  configuration: DatabaseConfiguration,
  sql: string,
  options: { readonly triggers?: boolean } = {},
): Promise<void> {
  const connection = await openConnection(configuration, "write");
  const triggers = options.triggers === true ? [] : configuration.client === "pg" ? postgresTriggers : sqliteTriggers;
  try {
    for (const { drop } of triggers) await connection.command(drop);
    await connection.command(sql);
    for (const { make } of triggers) await connection.command(make);
  } finally {
    await connection.close();
  }
}

import type { Migration } from "./migration.js";

const message = "rows of the audit trail are immutable";

/** Triggers against changing and deleting rows of the audit trail: a wall against mistakes; the chain is the proof. */
export const auditIsImmutable: Migration = {
  name: "0002-audit-is-immutable",
  up: (_knex, dialect) =>
    dialect === "sqlite"
      ? ["audit", "audit_checkpoints"].flatMap((table) =>
          ["update", "delete"].map(
            (action) =>
              `create trigger ${table}_no_${action} before ${action} on ${table} begin select raise(abort, '${message}'); end`,
          ),
        )
      : [
          `create function audit_is_immutable() returns trigger language plpgsql as $$ begin raise exception '${message}'; end $$`,
          ...["audit", "audit_checkpoints"].map(
            (table) =>
              `create trigger ${table}_is_immutable before update or delete or truncate on ${table} for each statement execute function audit_is_immutable()`,
          ),
        ],
};

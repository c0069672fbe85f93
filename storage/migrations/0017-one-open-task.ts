import type { Migration } from "./migration.js";

/** One task of a kind is open for a tenant at a time. */
export const oneOpenTask: Migration = {
  name: "0017-one-open-task",
  up: () => ["create unique index tasks_open on tasks (tenant_id, kind) where state in ('waiting', 'running')"],
};

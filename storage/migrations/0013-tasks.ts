import type { Migration } from "./migration.js";

/** Long tasks of operators, which the server works at in the background, and what they have to report. */
export const tasks: Migration = {
  name: "0013-tasks",
  up: ({ schema }) => [
    schema
      .createTable("tasks", (table) => {
        for (const column of ["id", "tenant_id", "kind", "parameters", "state", "asked_by"]) {
          table.text(column).notNullable();
        }
        table.text("asked_fingerprint");
        table.text("asked_from");
        table.text("position");
        table.bigInteger("total");
        for (const column of ["done", "skipped", "failed", "attempts"]) table.bigInteger(column).notNullable();
        table.text("last_error");
        table.bigInteger("created_at").notNullable();
        table.bigInteger("started_at");
        table.bigInteger("ended_at");
        table.bigInteger("not_before").notNullable();
        table.text("claim");
        table.text("claimed_by");
        table.bigInteger("claimed_until").notNullable();
        table.primary(["id"], "tasks_pkey");
        table.index(["state", "not_before"], "tasks_state");
        table.index(["tenant_id", "kind", "created_at"], "tasks_tenant_kind");
        table.index(["created_at"], "tasks_created_at");
      })
      .createTable("task_findings", (table) => {
        table.text("task_id").notNullable();
        table.bigInteger("place").notNullable();
        for (const column of ["kind", "subject", "reason"]) table.text(column).notNullable();
        table.primary(["task_id", "place"], "task_findings_pkey");
      }),
  ],
};

import type { Knex } from "knex";
import type { Dialect, Migration } from "./migration.js";

/** The tables of the first release. The names of unique constraints are known to driver-errors.ts. */
export const foundation: Migration = {
  name: "0001-foundation",
  up: (knex, dialect) => [
    ...server(knex),
    ...tenants(knex),
    ...objects(knex),
    ...objectIndex(knex).flatMap((table) => clustered(table, dialect)),
    ...audit(knex),
  ],
};

/** A table that is its own primary key's index: one tree less to write for each row. PostgreSQL has no such thing. */
function clustered(table: Knex.SchemaBuilder, dialect: Dialect): string[] {
  return table
    .toSQL()
    .map(({ sql }) => (dialect === "sqlite" && sql.startsWith("create table") ? `${sql} without rowid` : sql));
}

function server({ schema }: Knex): readonly Knex.SchemaBuilder[] {
  return [
    schema
      .createTable("server_state", (table) => {
        table.text("key").notNullable();
        table.text("value").notNullable();
        table.primary(["key"], "server_state_pkey");
      })
      .createTable("nodes", (table) => {
        table.text("id").notNullable();
        table.text("name").notNullable();
        table.bigInteger("started_at").notNullable();
        table.text("software_version").notNullable();
        table.primary(["id"], "nodes_pkey");
      })
      .createTable("operators", (table) => {
        table.text("fingerprint").notNullable();
        table.text("name").notNullable();
        table.text("role").notNullable();
        table.text("state").notNullable();
        table.bigInteger("created_at").notNullable();
        table.primary(["fingerprint"], "operators_pkey");
        table.unique(["name"], { indexName: "operators_name_unique" });
      }),
  ];
}

function tenants({ schema }: Knex): readonly Knex.SchemaBuilder[] {
  return [
    schema
      .createTable("tenants", (table) => {
        for (const column of ["id", "name", "state", "custody_default", "partition_kind", "module", "token_label"]) {
          table.text(column).notNullable();
        }
        table.text("token_serial").notNullable();
        table.text("partition_folder");
        table.binary("sealed_pin").notNullable();
        table.binary("sealed_so_pin");
        table.bigInteger("created_at").notNullable();
        table.bigInteger("changed_at").notNullable();
        table.text("settings").notNullable();
        table.primary(["id"], "tenants_pkey");
        table.unique(["name"], { indexName: "tenants_name_unique" });
      })
      .createTable("clients", (table) => {
        for (const column of ["id", "tenant_id", "name", "state"]) table.text(column).notNullable();
        table.bigInteger("created_at").notNullable();
        table.bigInteger("revoked_at");
        table.text("settings").notNullable();
        table.primary(["id"], "clients_pkey");
        table.unique(["tenant_id", "name"], { indexName: "clients_tenant_id_name_unique" });
      })
      .createTable("client_certificates", (table) => {
        for (const column of ["fingerprint", "client_id", "tenant_id", "subject", "issuer", "serial_number"]) {
          table.text(column).notNullable();
        }
        table.bigInteger("not_before").notNullable();
        table.bigInteger("not_after").notNullable();
        table.text("state").notNullable();
        table.text("pem").notNullable();
        table.primary(["fingerprint"], "client_certificates_pkey");
        table.index(["client_id"], "client_certificates_client_id");
      })
      .createTable("client_credentials", (table) => {
        for (const column of ["client_id", "tenant_id", "username", "password_hash"]) table.text(column).notNullable();
        table.bigInteger("created_at").notNullable();
        table.primary(["tenant_id", "username"], "client_credentials_pkey");
        table.index(["client_id"], "client_credentials_client_id");
      }),
  ];
}

const dates = [
  "activation_date",
  "process_start_date",
  "protect_stop_date",
  "deactivation_date",
  "destroy_date",
  "compromise_date",
  "compromise_occurrence_date",
  "archive_date",
] as const;

function objects(knex: Knex): readonly Knex.SchemaBuilder[] {
  return [
    knex.schema.createTable("objects", (table) => {
      table.text("tenant_id").notNullable();
      table.text("id").notNullable();
      table.integer("object_type").notNullable();
      table.integer("state");
      table.integer("version").notNullable();
      table.bigInteger("creation_order").notNullable();
      table.text("custody").notNullable();
      for (const column of ["algorithm", "length", "usage_mask"]) table.integer(column);
      table.bigInteger("initial_date").notNullable();
      for (const column of dates) table.bigInteger(column);
      table.bigInteger("last_change_date").notNullable();
      table.integer("fresh").notNullable();
      table.text("attributes").notNullable();
      table.binary("material");
      table.text("material_information").notNullable();
      table.integer("key_encryption_key_version").notNullable();
      table.binary("integrity_tag");
      table.primary(["tenant_id", "id"], "objects_pkey");
      table.index(["tenant_id", "creation_order", "id"], "objects_creation_order");
      table.index(["tenant_id", "object_type", "creation_order", "id"], "objects_object_type");
      table.index(["tenant_id", "initial_date"], "objects_initial_date");
      table.index(["tenant_id", "last_change_date"], "objects_last_change_date");
      for (const column of dates) {
        const predicate = knex.whereNotNull(column);
        table.index(["tenant_id", column], `objects_${column}`, { predicate });
      }
    }),
    knex.schema.createTable("intents", (table) => {
      for (const column of ["id", "tenant_id", "node_id", "kind", "object_id"]) table.text(column).notNullable();
      table.binary("token_id");
      table.bigInteger("created_at").notNullable();
      table.text("detail").notNullable();
      table.primary(["id"], "intents_pkey");
      table.index(["created_at"], "intents_created_at");
    }),
  ];
}

function objectIndex(knex: Knex): readonly Knex.SchemaBuilder[] {
  return [
    knex.schema.createTable("object_attributes", (table) => {
      for (const column of ["tenant_id", "attribute", "value"]) table.text(column).notNullable();
      table.bigInteger("creation_order").notNullable();
      table.text("object_id").notNullable();
      table.bigInteger("number");
      table.primary(["tenant_id", "attribute", "value", "creation_order", "object_id"], "object_attributes_pkey");
      table.index(["tenant_id", "object_id", "attribute"], "object_attributes_object_id");
      const predicate = knex.whereNotNull("number");
      table.index(["tenant_id", "attribute", "number"], "object_attributes_number", { predicate });
    }),
    knex.schema.createTable("object_names", (table) => {
      table.text("tenant_id").notNullable();
      table.text("name").notNullable();
      table.integer("name_type").notNullable();
      table.text("object_id").notNullable();
      table.primary(["tenant_id", "name", "name_type", "object_id"], "object_names_pkey");
      table.index(["tenant_id", "object_id"], "object_names_object_id");
    }),
  ];
}

function audit({ schema }: Knex): readonly Knex.SchemaBuilder[] {
  return [
    schema
      .createTable("audit", (table) => {
        table.text("tenant_id").notNullable();
        table.text("node_id").notNullable();
        table.bigInteger("sequence").notNullable();
        table.bigInteger("time_ms").notNullable();
        table.text("event_id").notNullable();
        for (const column of ["client_id", "client_name", "certificate_fingerprint", "source_address"]) {
          table.text(column);
        }
        table.text("protocol_version");
        table.text("operation").notNullable();
        table.text("object_id");
        table.text("partition");
        table.text("outcome").notNullable();
        table.text("result_reason");
        table.bigInteger("duration_microseconds");
        table.text("correlation_id");
        table.text("detail");
        table.binary("previous_hash").notNullable();
        table.binary("hash").notNullable();
        table.primary(["tenant_id", "node_id", "sequence"], "audit_pkey");
        table.unique(["event_id"], { indexName: "audit_event_id_unique" });
        table.index(["time_ms"], "audit_time");
        table.index(["tenant_id", "time_ms"], "audit_tenant_time");
        table.index(["tenant_id", "object_id"], "audit_object");
      })
      .createTable("audit_checkpoints", (table) => {
        table.text("tenant_id").notNullable();
        table.text("node_id").notNullable();
        table.bigInteger("sequence").notNullable();
        table.binary("hash").notNullable();
        table.bigInteger("time_ms").notNullable();
        table.binary("signature").notNullable();
        table.text("key_id").notNullable();
        table.primary(["tenant_id", "node_id", "sequence"], "audit_checkpoints_pkey");
      }),
  ];
}

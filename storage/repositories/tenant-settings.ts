import type { Connection } from "../connection.js";
import { slot, statement } from "../statements.js";
import { tenantSettingsTable } from "../tables.js";
import type { TenantSettingRow } from "../types.js";
import type { WriteSession } from "../write-session.js";

const ofTenant = statement((knex) =>
  knex("tenant_settings")
    .select(tenantSettingsTable.selection.slice())
    .where({ tenant_id: slot(0) })
    .orderBy("name"),
);
const setOne = statement((knex) =>
  knex("tenant_settings")
    .insert({ tenant_id: slot(0), name: slot(1), value: slot(2) })
    .onConflict(["tenant_id", "name"])
    .merge(["value"]),
);
const removeOne = statement((knex) =>
  knex("tenant_settings")
    .where({ tenant_id: slot(0), name: slot(1) })
    .delete(),
);

export const tenantSettingReads = {
  /** All settings of a tenant by name. */
  list: (connection: Connection, tenantId: string): Promise<TenantSettingRow[]> =>
    connection.rows(tenantSettingsTable, ofTenant, [tenantId]),
};

export const tenantSettingWrites = {
  /** Sets one setting, whether it was there or not. */
  async set(session: WriteSession, { tenantId, name, value }: TenantSettingRow): Promise<void> {
    await session.run(setOne, [tenantId, name, value]);
  },

  /** Takes one setting back; that it was not there is as good. */
  async remove(session: WriteSession, tenantId: string, name: string): Promise<void> {
    await session.run(removeOne, [tenantId, name]);
  },
};

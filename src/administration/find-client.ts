import type { Database } from "#storage/database.js";
import type { ClientRow, TenantRow } from "#storage/types.js";
import { AdministrationError } from "./errors.js";

/** The client of a tenant by its name, revoked or not. Throws AdministrationError `not-found`. */
export async function findClient(
  { read }: Pick<Database, "read">,
  tenant: Pick<TenantRow, "id" | "name">,
  name: string,
): Promise<ClientRow> {
  const client = await read.clients.byName(tenant.id, name);
  if (client !== null) return client;
  throw new AdministrationError("not-found", `tenant "${tenant.name}" has no client "${name}"`);
}

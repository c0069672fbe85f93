import { operatorOf } from "#test/support/operator.js";
import { clientFolder, readIdentity, type TestServer } from "#test/support/server.js";
import type { LoadTenant } from "./tenants.js";

/** Makes a tenant with a client for a load on a running server, through its admin port. */
export async function makeLoadTenant(
  server: Pick<TestServer, "home" | "adminPort">,
  name: string,
  custody: "wrapped" | "token",
): Promise<LoadTenant> {
  const operator = operatorOf(server);
  try {
    await operator.createTenant({ name, custody });
    await operator.issueClient({ tenant: name, name: "load" });
  } finally {
    operator.close();
  }
  return { name, custody, identity: readIdentity(clientFolder(server.home, name, "load")) };
}

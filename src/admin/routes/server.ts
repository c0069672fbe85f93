import { administrationFor } from "../administration-for.js";
import { name, named } from "../schemas.js";
import type { AdminApplication, AdminServices } from "../services.js";

/** What the server is and how it does. */
export function serverRoutes(app: AdminApplication, services: AdminServices): void {
  app.get(
    "/v1/version",
    {
      config: { permission: "read" },
      schema: { tags: ["server"], summary: "Version of the software", response: { 200: named("Version") } },
    },
    (request) => administrationFor(services, request).version(),
  );
  app.get(
    "/v1/status",
    {
      config: { permission: "read" },
      schema: { tags: ["server"], summary: "How the server is doing", response: { 200: named("Status") } },
    },
    (request) => administrationFor(services, request).status(),
  );
  app.get<{ Querystring: { readonly tenant?: string } }>(
    "/v1/hsm",
    {
      config: { permission: "read" },
      schema: {
        tags: ["server"],
        summary: "PKCS#11 module, token and mechanisms of the server's partition, or of a tenant's",
        querystring: { type: "object", additionalProperties: false, properties: { tenant: name } },
        response: { 200: named("Hsm") },
      },
    },
    (request) => administrationFor(services, request).hsm(request.query.tenant),
  );
  app.get(
    "/openapi.json",
    {
      config: { permission: "read" },
      schema: {
        tags: ["server"],
        summary: "This API as an OpenAPI 3 document",
        response: { 200: { type: "object", additionalProperties: true } },
      },
    },
    async () => app.swagger(),
  );
}

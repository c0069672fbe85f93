import type { NewCredential } from "#src/administration/credentials.js";
import { administrationFor } from "../administration-for.js";
import { listOf, name, named } from "../schemas.js";
import type { AdminApplication, AdminServices } from "../services.js";

interface Params {
  readonly tenant: string;
  readonly client: string;
}

const params = { type: "object", required: ["tenant", "client"], properties: { tenant: name, client: name } } as const;
const tags = ["credentials"];
const path = "/v1/tenants/:tenant/clients/:client/credentials";

/** The KMIP Credentials of clients. */
export function credentialRoutes(app: AdminApplication, services: AdminServices): void {
  app.get<{ Params: Params }>(
    path,
    {
      config: { permission: "read" },
      schema: { tags, summary: "The credentials of a client", params, response: { 200: listOf("Credential") } },
    },
    (request) => administrationFor(services, request).listCredentials(request.params),
  );
  app.post<{ Params: Params; Body: Omit<NewCredential, keyof Params> }>(
    path,
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Set a credential of a client: a username or a device, with its password",
        params,
        body: named("NewCredential"),
        response: { 201: named("SetCredential") },
      },
    },
    async (request, reply) => {
      const credential = { ...request.body, ...request.params };
      return reply.code(201).send(await administrationFor(services, request).setCredential(credential));
    },
  );
  app.post<{ Params: Params; Body: { readonly username: string } }>(
    `${path}/remove`,
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Remove a credential of a client",
        params,
        body: named("CredentialName"),
        response: { 200: named("Credential") },
      },
    },
    (request) => administrationFor(services, request).removeCredential({ ...request.params, ...request.body }),
  );
}

import type { ClientRequest } from "#src/administration/administration.js";
import type { ClientChange } from "#src/administration/client-changes.js";
import { administrationFor } from "../administration-for.js";
import { listOf, name, named, namesInPath } from "../schemas.js";
import type { AdminApplication, AdminServices } from "../services.js";

interface ClientParams {
  readonly tenant: string;
  readonly client: string;
}

const tags = ["clients"];

/** Clients and their certificates. */
export function clientRoutes(app: AdminApplication, services: AdminServices): void {
  app.get<{ Querystring: { readonly tenant?: string } }>(
    "/v1/clients",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "The clients of one tenant, or of all",
        querystring: { type: "object", additionalProperties: false, properties: { tenant: name } },
        response: { 200: listOf("Client") },
      },
    },
    (request) => administrationFor(services, request).listClients(request.query.tenant),
  );
  app.post<{ Params: Pick<ClientParams, "tenant">; Body: Omit<ClientRequest, "tenant"> }>(
    "/v1/tenants/:tenant/clients",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Register a client with a new certificate; its files are written on the server",
        params: namesInPath("tenant"),
        body: named("NewClient"),
        response: { 201: named("IssuedClient") },
      },
    },
    async (request, reply) => {
      const client = { ...request.body, tenant: request.params.tenant };
      return reply.code(201).send(await administrationFor(services, request).issueClient(client));
    },
  );
  oneClientRoutes(app, services);
}

const oneClient = namesInPath("tenant", "client");

function oneClientRoutes(app: AdminApplication, services: AdminServices): void {
  app.post<{ Params: ClientParams; Body: Omit<ClientChange, "tenant" | "name"> }>(
    "/v1/tenants/:tenant/clients/:client/change",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Change what a client may do and must prove, from its next request on",
        params: oneClient,
        body: named("ClientChange"),
        response: { 200: named("Client") },
      },
    },
    (request) => {
      const { tenant, client } = request.params;
      return administrationFor(services, request).changeClient({ ...request.body, tenant, name: client });
    },
  );
  app.post<{ Params: ClientParams }>(
    "/v1/tenants/:tenant/clients/:client/revoke",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Refuse a client and all its certificates, on open connections too",
        params: oneClient,
        response: { 200: named("Client") },
      },
    },
    (request) => {
      const { tenant, client } = request.params;
      return administrationFor(services, request).revokeClient({ tenant, name: client });
    },
  );
}

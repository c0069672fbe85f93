import type { TenantRequest } from "#src/administration/administration.js";
import type { TenantConfiguration } from "#src/administration/tenant-settings.js";
import { administrationFor } from "../administration-for.js";
import { listOf, named, namesInPath } from "../schemas.js";
import type { AdminApplication, AdminServices } from "../services.js";

interface TenantParams {
  readonly tenant: string;
}

const params = namesInPath("tenant");
const tags = ["tenants"];

/** Tenants and their partitions. */
export function tenantRoutes(app: AdminApplication, services: AdminServices): void {
  app.get(
    "/v1/tenants",
    {
      config: { permission: "read" },
      schema: { tags, summary: "All tenants by name", response: { 200: listOf("Tenant") } },
    },
    (request) => administrationFor(services, request).listTenants(),
  );
  app.post<{ Body: TenantRequest }>(
    "/v1/tenants",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Make a tenant, with a SoftHSM token of its own or bound to a token that exists",
        body: named("NewTenant"),
        response: { 201: named("Tenant") },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await administrationFor(services, request).createTenant(request.body)),
  );
  app.get<{ Params: TenantParams }>(
    "/v1/tenants/:tenant",
    {
      config: { permission: "read" },
      schema: { tags, summary: "One tenant", params, response: { 200: named("Tenant") } },
    },
    (request) => administrationFor(services, request).showTenant(request.params.tenant),
  );
  app.get<{ Params: TenantParams }>(
    "/v1/tenants/:tenant/authorities",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "The certification authority of a tenant, newest generation first",
        params,
        response: { 200: listOf("Authority") },
      },
    },
    (request) => administrationFor(services, request).tenantAuthorities(request.params.tenant),
  );
  changingRoutes(app, services);
}

function changingRoutes(app: AdminApplication, services: AdminServices): void {
  app.post<{ Params: TenantParams; Body: TenantConfiguration }>(
    "/v1/tenants/:tenant/settings",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Set what a tenant does, from the next request on",
        params,
        body: named("TenantConfiguration"),
        response: { 200: named("Tenant") },
      },
    },
    (request) => administrationFor(services, request).configureTenant(request.params.tenant, request.body),
  );
  app.post<{ Params: TenantParams }>(
    "/v1/tenants/:tenant/suspend",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Refuse all requests of a tenant's clients, on open connections too",
        params,
        response: { 200: named("Tenant") },
      },
    },
    (request) => administrationFor(services, request).suspendTenant(request.params.tenant),
  );
  app.post<{ Params: TenantParams }>(
    "/v1/tenants/:tenant/resume",
    {
      config: { permission: "change" },
      schema: { tags, summary: "Serve a suspended tenant again", params, response: { 200: named("Tenant") } },
    },
    (request) => administrationFor(services, request).resumeTenant(request.params.tenant),
  );
}

import type { DestinationRequest, PutOrder } from "#src/administration/destinations.js";
import { administrationFor } from "../administration-for.js";
import { listOf, named, namesInPath } from "../schemas.js";
import type { AdminApplication, AdminServices } from "../services.js";

interface DestinationParams {
  readonly tenant: string;
  readonly destination: string;
}

const tags = ["destinations"];
const ofTenant = namesInPath("tenant");
const oneDestination = namesInPath("tenant", "destination");

/** Destinations of the messages that the server sends of itself. */
export function destinationRoutes(app: AdminApplication, services: AdminServices): void {
  app.get<{ Params: Pick<DestinationParams, "tenant"> }>(
    "/v1/tenants/:tenant/destinations",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "The destinations of a tenant and how they are reached",
        params: ofTenant,
        response: { 200: listOf("Destination") },
      },
    },
    (request) => administrationFor(services, request).listDestinations(request.params.tenant),
  );
  app.post<{ Params: Pick<DestinationParams, "tenant">; Body: Omit<DestinationRequest, "tenant"> }>(
    "/v1/tenants/:tenant/destinations",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Add an address that the server connects to, or a client that takes the server role",
        params: ofTenant,
        body: named("NewDestination"),
        response: { 201: named("Destination") },
      },
    },
    async (request, reply) => {
      const destination = { ...request.body, tenant: request.params.tenant };
      return reply.code(201).send(await administrationFor(services, request).addDestination(destination));
    },
  );
  oneDestinationRoutes(app, services);
}

function oneDestinationRoutes(app: AdminApplication, services: AdminServices): void {
  app.post<{ Params: DestinationParams }>(
    "/v1/tenants/:tenant/destinations/:destination/remove",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Remove a destination with all that waits for it",
        params: oneDestination,
        response: { 200: named("Destination") },
      },
    },
    (request) => {
      const { tenant, destination } = request.params;
      return administrationFor(services, request).removeDestination({ tenant, name: destination });
    },
  );
  app.post<{ Params: DestinationParams; Body: Omit<PutOrder, "tenant" | "destination"> }>(
    "/v1/tenants/:tenant/destinations/:destination/put",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Push an object to a destination",
        params: oneDestination,
        body: named("PutOrder"),
        response: { 202: named("Destination") },
      },
    },
    async (request, reply) =>
      reply.code(202).send(await administrationFor(services, request).put({ ...request.body, ...request.params })),
  );
}

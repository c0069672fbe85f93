import type { IntegrityScan, KeyRotation, TaskListing } from "#src/administration/administration.js";
import type { MigrationRequest } from "#src/administration/tasks.js";
import { administrationFor } from "../administration-for.js";
import { listOf, name, named, namesInPath } from "../schemas.js";
import type { AdminApplication, AdminServices } from "../services.js";

interface TenantParams {
  readonly tenant: string;
}

interface TaskParams {
  readonly task: string;
}

const tags = ["tasks"];
const ofTenant = namesInPath("tenant");
const oneTask = namesInPath("task");
const accepted = { response: { 202: named("Task") } };

/** Long tasks: what asks for them, how they are doing, and how to end them. */
export function taskRoutes(app: AdminApplication, services: AdminServices): void {
  app.get<{ Querystring: TaskListing }>(
    "/v1/tasks",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "Long tasks, the newest first",
        querystring: {
          type: "object",
          additionalProperties: false,
          properties: { tenant: name, limit: { type: "integer", minimum: 1, maximum: 10_000, default: 100 } },
        },
        response: { 200: listOf("Task") },
      },
    },
    (request) => administrationFor(services, request).listTasks(request.query),
  );
  app.get<{ Params: TaskParams }>(
    "/v1/tasks/:task",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "One task with what it has to report",
        params: oneTask,
        response: { 200: named("TaskReport") },
      },
    },
    (request) => administrationFor(services, request).showTask(request.params.task),
  );
  app.post<{ Params: TaskParams }>(
    "/v1/tasks/:task/cancel",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "End a task where it stands; what it has done stays done",
        params: oneTask,
        response: { 200: named("Task") },
      },
    },
    (request) => administrationFor(services, request).cancelTask(request.params.task),
  );
  keyRoutes(app, services);
  scanRoute(app, services);
}

function keyRoutes(app: AdminApplication, services: AdminServices): void {
  app.get<{ Params: TenantParams }>(
    "/v1/tenants/:tenant/key-encryption-keys",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "The versions of a tenant's key-encryption key, and how many keys rest under each",
        params: ofTenant,
        response: { 200: listOf("KeyEncryptionKey") },
      },
    },
    (request) => administrationFor(services, request).keyEncryptionKeys(request.params.tenant),
  );
  app.post<{ Params: TenantParams; Body: Omit<KeyRotation, "tenant"> }>(
    "/v1/tenants/:tenant/rotate-kek",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Make the next version of the key-encryption key and wrap all keys anew by it",
        params: ofTenant,
        body: named("KeyRotation"),
        ...accepted,
      },
    },
    async (request, reply) => {
      const rotation = { ...request.body, ...request.params };
      return reply.code(202).send(await administrationFor(services, request).rotateKeyEncryptionKey(rotation));
    },
  );
  app.post<{ Params: TenantParams; Body: Omit<MigrationRequest, "tenant"> }>(
    "/v1/tenants/:tenant/migrate-keys",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Move keys into another custody, where their attributes and the token allow it",
        params: ofTenant,
        body: named("Migration"),
        ...accepted,
      },
    },
    async (request, reply) => {
      const migration = { ...request.body, ...request.params };
      return reply.code(202).send(await administrationFor(services, request).migrateKeys(migration));
    },
  );
}

function scanRoute(app: AdminApplication, services: AdminServices): void {
  app.post<{ Params: TenantParams; Body: Omit<IntegrityScan, "tenant"> }>(
    "/v1/tenants/:tenant/scan-integrity",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Check all rows and keys of a tenant",
        params: ofTenant,
        body: named("IntegrityScan"),
        ...accepted,
      },
    },
    async (request, reply) => {
      const scan = { ...request.body, ...request.params };
      return reply.code(202).send(await administrationFor(services, request).scanIntegrity(scan));
    },
  );
}

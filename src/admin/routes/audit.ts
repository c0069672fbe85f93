import { Readable } from "node:stream";
import type { AuditListing } from "#src/administration/administration.js";
import { administrationFor } from "../administration-for.js";
import { auditListing, listOf, name, named } from "../schemas.js";
import type { AdminApplication, AdminServices } from "../services.js";

const tags = ["audit"];
const jsonLines = "application/x-ndjson";

/** The audit trail. Long answers are streams of JSON lines; one that breaks off is cut without its proper end. */
export function auditRoutes(app: AdminApplication, services: AdminServices): void {
  app.get<{ Querystring: AuditListing }>(
    "/v1/audit",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "Rows of the audit trail, newest first",
        querystring: auditListing,
        response: { 200: listOf("AuditEntry") },
      },
    },
    (request) => administrationFor(services, request).listAudit(request.query),
  );
  app.post<{ Querystring: { readonly tenant?: string } }>(
    "/v1/audit/verify",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "Verify the audit trail, chain by chain",
        description: "A line of JSON for each chain, as ChainFinding describes it.",
        querystring: { type: "object", additionalProperties: false, properties: { tenant: name } },
        response: { 200: { content: { [jsonLines]: { schema: named("ChainFinding") } } } },
      },
    },
    async (request, reply) => {
      const findings = administrationFor(services, request).verifyAudit(request.query.tenant);
      return reply.header("content-type", jsonLines).send(await stream(lines(findings)));
    },
  );
  const { tenant, since, until } = auditListing["properties"] as Record<string, unknown>;
  app.get<{ Querystring: Pick<AuditListing, "tenant" | "since" | "until"> }>(
    "/v1/audit/export",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "Rows of the audit trail, chain by chain, each in its order",
        description: "A line of JSON for each row, as AuditEntry describes it.",
        querystring: { type: "object", additionalProperties: false, properties: { tenant, since, until } },
        response: { 200: { content: { [jsonLines]: { schema: named("AuditEntry") } } } },
      },
    },
    async (request, reply) => {
      const rows = administrationFor(services, request).exportAudit(request.query);
      return reply.header("content-type", jsonLines).send(await stream(rows));
    },
  );
}

async function* lines(findings: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const finding of findings) yield `${JSON.stringify(finding)}\n`;
}

/** Begins to read before the answer's head leaves, so that a request that cannot be served gets its error. */
async function stream(source: AsyncIterable<string>): Promise<Readable> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* all(): AsyncGenerator<string> {
    if (first.done === true) return;
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return Readable.from(all());
}

import type { FastifyRequest } from "fastify";
import type { HealthPurpose, HealthReport } from "#src/telemetry/health.js";
import type { HealthAnswer } from "../health-answer.js";
import { named } from "../schemas.js";
import type { AdminApplication, AdminServices } from "../services.js";

/** Probes, and what monitoring collects. */
export function healthRoutes(app: AdminApplication, { health, metrics }: AdminServices): void {
  const probes: readonly (readonly [HealthPurpose, string])[] = [
    ["live", "Whether the process is worth keeping"],
    ["ready", "Whether it can serve now: KMIP is accepted, database and HSM answer"],
  ];
  for (const [purpose, summary] of probes) {
    app.get(
      `/health/${purpose}`,
      {
        config: { permission: "probe" },
        schema: { tags: ["health"], summary, response: { 200: named("Health"), 503: named("Health") } },
      },
      async (request, reply) => {
        const report = await health.report(purpose);
        return reply.code(report.healthy ? 200 : 503).send(answerTo(request, report));
      },
    );
  }
  app.get(
    "/metrics",
    {
      config: { permission: "watch" },
      schema: {
        tags: ["health"],
        summary: "Metrics in the exposition format of Prometheus",
        produces: ["text/plain"],
        response: { 200: { type: "string" } },
      },
    },
    async (_request, reply) => {
      const { contentType, text } = await metrics.exposition();
      return reply.header("content-type", contentType).send(text);
    },
  );
}

/** Reasons are for operators; whoever else may probe learns only whether the server is well. */
function answerTo({ visitor }: FastifyRequest, { healthy, findings }: HealthReport): HealthAnswer {
  if (visitor === null || visitor.operator === null) return { healthy };
  return { healthy, parts: findings.map(({ name, healthy, reason }) => ({ name, healthy, reason })) };
}

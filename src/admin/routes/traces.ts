import { Readable } from "node:stream";
import type { TraceRequest } from "#src/administration/traces/trace.js";
import { administrationFor } from "../administration-for.js";
import { listOf, named, namesInPath } from "../schemas.js";
import type { AdminApplication, AdminServices } from "../services.js";

interface TraceParams {
  readonly trace: string;
}

const tags = ["traces"];
const oneTrace = namesInPath("trace");

/** Traces of what clients send and receive. */
export function traceRoutes(app: AdminApplication, services: AdminServices): void {
  app.get(
    "/v1/traces",
    {
      config: { permission: "read" },
      schema: { tags, summary: "Traces, the newest first", response: { 200: listOf("Trace") } },
    },
    (request) => administrationFor(services, request).traces.list(),
  );
  app.post<{ Body: TraceRequest }>(
    "/v1/traces",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Record what a client, or all clients of a tenant, send and receive, secrets left out",
        body: named("NewTrace"),
        response: { 201: named("Trace") },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await administrationFor(services, request).traces.start(request.body)),
  );
  app.post<{ Params: TraceParams }>(
    "/v1/traces/:trace/stop",
    {
      config: { permission: "change" },
      schema: { tags, summary: "End a trace", params: oneTrace, response: { 200: named("Trace") } },
    },
    (request) => administrationFor(services, request).traces.stop(request.params.trace),
  );
  app.get<{ Params: TraceParams }>(
    "/v1/traces/:trace/text",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "The text of a trace",
        params: oneTrace,
        response: { 200: { type: "string", description: "A transcript" } },
      },
    },
    async (request, reply) => {
      const text = administrationFor(services, request).traces.read(request.params.trace);
      const iterator = text[Symbol.asyncIterator]();
      // Read before the head of the answer leaves, so that a trace that is not there gets its error.
      const first = await iterator.next();
      async function* whole(): AsyncGenerator<string> {
        if (first.done === true) return;
        yield first.value;
        yield* { [Symbol.asyncIterator]: () => iterator };
      }
      return reply.header("content-type", "text/plain; charset=utf-8").send(Readable.from(whole()));
    },
  );
}

import type { FastifyReply, FastifyRequest } from "fastify";
import { FailureLimit } from "#src/access/failure-limit.js";
import { administrationRecord } from "#src/administration/audit-record.js";
import { change } from "#storage/changes.js";
import { KnownOperators } from "./known-operators.js";
import { actorOf, type Permission, refusalFor, type Visitor, visitorOf } from "./operator.js";
import { AdminRefusal } from "./refusal.js";
import type { AdminApplication, AdminServices } from "./services.js";

/** Refused requests of one certificate that are looked at in a minute. */
const failuresAMinute = 5;

/** Decides before anything of a request is read whether its maker may make it. Refusals are audited. */
export class AccessGate {
  private readonly services: Pick<AdminServices, "database" | "log">;
  private readonly failures = new FailureLimit(failuresAMinute, () => performance.now());
  private readonly operators: KnownOperators;

  constructor(services: Pick<AdminServices, "database" | "log">) {
    this.services = services;
    this.operators = new KnownOperators(services.database.read, () => performance.now());
  }

  /** Stands before every route, the missing ones included. A route that says nothing of its permission is an error. */
  guard(app: AdminApplication): void {
    app.decorateRequest("visitor", null);
    app.addHook("onRoute", ({ method, url, config }) => {
      if (config?.permission === undefined) throw new Error(`${String(method)} ${url} does not say who may use it`);
    });
    app.addHook("onRequest", async (request, reply) => this.admit(request, reply));
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const permission = request.routeOptions.config.permission ?? "read";
    const visitor = await visitorOf(request, this.operators, Date.now(), permission);
    request.visitor = visitor;
    const identity = visitor.certificateFingerprint || visitor.sourceAddress;
    const wait = this.failures.waitSeconds(identity);
    if (wait > 0) {
      reply.header("retry-after", String(wait));
      throw new AdminRefusal(429, "too-many-failures", `refused too often; try again in ${wait} seconds`);
    }
    const refusal = this.refusalOf(request, visitor, permission);
    if (refusal === undefined) return;
    this.failures.failed(identity);
    await this.audit(request, visitor, refusal.code);
    throw refusal;
  }

  private refusalOf(request: FastifyRequest, visitor: Visitor, permission: Permission): AdminRefusal | undefined {
    const objection = refusalFor(visitor, permission);
    if (objection !== "") {
      return new AdminRefusal(403, visitor.operator === null ? "not-an-operator" : "not-permitted", objection);
    }
    if (isFromElsewhere(request)) {
      return new AdminRefusal(403, "other-origin", "requests on behalf of pages of other origins are not served");
    }
    return undefined;
  }

  private async audit(request: FastifyRequest, visitor: Visitor, code: string): Promise<void> {
    const { method, routeOptions } = request;
    const detail = { method, route: routeOptions.url ?? "(none)" };
    const record = administrationRecord(actorOf(visitor), "(admin request)", { detail, refusal: code });
    this.services.log.warn({ ...detail, code, from: visitor.sourceAddress }, "an admin request was refused");
    await this.services.database.commit([change("audit", "append", record)]);
  }
}

/** Whether a browser makes the request for a page of another origin, with the certificate of who looks at that page. */
function isFromElsewhere({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  return headers.origin !== undefined && headers.origin !== `https://${headers.host}`;
}

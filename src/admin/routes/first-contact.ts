import type { RenewalRequest, SigningRequest } from "#src/administration/first-contact/own-certificates.js";
import type { TrustName, TrustRequest } from "#src/administration/first-contact/trusted-authorities.js";
import type { Acceptance } from "#src/administration/first-contact/waiting-clients.js";
import { administrationFor } from "../administration-for.js";
import { listOf, named, namesInPath, text } from "../schemas.js";
import type { AdminApplication, AdminServices } from "../services.js";

const tags = ["first contact"];
const oneCertificate = {
  type: "object",
  required: ["fingerprint"],
  properties: { fingerprint: text("SHA-256, or its first digits", { minLength: 8, maxLength: 95 }) },
} as const;
const ofTenant = namesInPath("tenant");
const oneNamed = namesInPath("tenant", "name");
/** Certificates, rules and lists of 4 MiB in base64. */
const bodyLimit = 9 * 1024 * 1024;

/** Clients that come with certificates of their own. */
export function firstContactRoutes(app: AdminApplication, services: AdminServices): void {
  app.get<{ Querystring: { readonly rejected?: boolean } }>(
    "/v1/pending-clients",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "Unknown certificates that wait to be accepted",
        querystring: { type: "object", additionalProperties: false, properties: { rejected: { type: "boolean" } } },
        response: { 200: listOf("PendingClient") },
      },
    },
    (request) => administrationFor(services, request).firstContact.pending(request.query.rejected),
  );
  app.post<{ Params: { readonly fingerprint: string }; Body: Omit<Acceptance, "fingerprint"> }>(
    "/v1/pending-clients/:fingerprint/accept",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Register a waiting certificate as a client of a tenant",
        params: oneCertificate,
        body: named("Acceptance"),
        response: { 201: named("Client") },
      },
    },
    async (request, reply) => {
      const acceptance = { ...request.body, fingerprint: request.params.fingerprint };
      return reply.code(201).send(await administrationFor(services, request).firstContact.accept(acceptance));
    },
  );
  app.post<{ Params: { readonly fingerprint: string } }>(
    "/v1/pending-clients/:fingerprint/reject",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Have a certificate not be listed any more",
        params: oneCertificate,
        response: { 200: named("PendingClient") },
      },
    },
    (request) => administrationFor(services, request).firstContact.reject(request.params.fingerprint),
  );
  certificateRoutes(app, services);
  trustRoutes(app, services);
}

function certificateRoutes(app: AdminApplication, services: AdminServices): void {
  app.post<{ Params: Pick<TrustName, "tenant">; Body: Omit<SigningRequest, "tenant"> }>(
    "/v1/tenants/:tenant/sign-client",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Register a client with a certificate over the key of its own certificate request",
        params: ofTenant,
        body: named("SigningRequest"),
        response: { 201: named("IssuedClient") },
      },
    },
    async (request, reply) => {
      const signing = { ...request.body, tenant: request.params.tenant };
      return reply.code(201).send(await administrationFor(services, request).firstContact.sign(signing));
    },
  );
  app.post<{ Params: TrustName; Body: Omit<RenewalRequest, "tenant" | "name"> }>(
    "/v1/tenants/:tenant/clients/:name/renew",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Give a client a further certificate; its files take the place of the earlier ones",
        params: oneNamed,
        body: named("RenewalRequest"),
        response: { 201: named("IssuedClient") },
      },
    },
    async (request, reply) => {
      const renewal = { ...request.body, ...request.params };
      return reply.code(201).send(await administrationFor(services, request).firstContact.renew(renewal));
    },
  );
}

function trustRoutes(app: AdminApplication, services: AdminServices): void {
  app.get<{ Params: Pick<TrustName, "tenant"> }>(
    "/v1/tenants/:tenant/trusted-authorities",
    {
      config: { permission: "read" },
      schema: {
        tags,
        summary: "The authorities of client certificates that a tenant trusts",
        params: ofTenant,
        response: { 200: listOf("TrustedAuthority") },
      },
    },
    (request) => administrationFor(services, request).firstContact.listTrust(request.params.tenant),
  );
  app.post<{ Params: Pick<TrustName, "tenant">; Body: Omit<TrustRequest, "tenant"> }>(
    "/v1/tenants/:tenant/trusted-authorities",
    {
      bodyLimit,
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Trust an authority whose certificates match rules",
        params: ofTenant,
        body: named("NewTrustedAuthority"),
        response: { 201: named("TrustedAuthority") },
      },
    },
    async (request, reply) => {
      const trust = { ...request.body, tenant: request.params.tenant };
      return reply.code(201).send(await administrationFor(services, request).firstContact.addTrust(trust));
    },
  );
  oneNamedRoutes(app, services);
}

function oneNamedRoutes(app: AdminApplication, services: AdminServices): void {
  const response = { 200: named("TrustedAuthority") };
  app.get<{ Params: TrustName }>(
    "/v1/tenants/:tenant/trusted-authorities/:name",
    {
      config: { permission: "read" },
      schema: { tags, summary: "One trusted authority", params: oneNamed, response },
    },
    (request) => administrationFor(services, request).firstContact.showTrust(request.params),
  );
  app.post<{ Params: TrustName }>(
    "/v1/tenants/:tenant/trusted-authorities/:name/remove",
    {
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Trust an authority no more; its clients are refused, on open connections too",
        params: oneNamed,
        response,
      },
    },
    (request) => administrationFor(services, request).firstContact.removeTrust(request.params),
  );
  app.post<{ Params: TrustName; Body: { readonly lists: string | null } }>(
    "/v1/tenants/:tenant/trusted-authorities/:name/revocation-lists",
    {
      bodyLimit,
      config: { permission: "change" },
      schema: {
        tags,
        summary: "Take newer revocation lists, or null to look at revocations no more",
        params: oneNamed,
        body: named("RevocationLists"),
        response,
      },
    },
    (request) =>
      administrationFor(services, request).firstContact.setRevocationLists({
        ...request.params,
        lists: request.body.lists,
      }),
  );
}

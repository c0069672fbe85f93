import type { Actor } from "../audit-record.js";
import type { FirstContactAdministration } from "./administration.js";
import type { OwnCertificates } from "./own-certificates.js";
import type { TrustAdministration } from "./trusted-authorities.js";
import type { WaitingClients } from "./waiting-clients.js";

/** Makes a change; a refusal is audited under the operation with what it was about. */
export type Attempt = <T>(
  operation: string,
  subject: Readonly<Record<string, string>>,
  make: () => Promise<T>,
) => Promise<T>;

/** The administration of first contacts on an open data directory, by one actor. */
export function localFirstContact(
  runtime: {
    readonly waitingClients: WaitingClients;
    readonly trust: TrustAdministration;
    readonly clients: { readonly certificates: OwnCertificates };
  },
  actor: Actor,
  attempt: Attempt,
): FirstContactAdministration {
  const { waitingClients, trust } = runtime;
  const { certificates } = runtime.clients;
  return {
    sign: (request) =>
      attempt("Sign Client", { tenant: request.tenant, client: request.name ?? "" }, () =>
        certificates.sign(actor, request),
      ),
    renew: (request) =>
      attempt("Renew Client", { tenant: request.tenant, client: request.name }, () =>
        certificates.renew(actor, request),
      ),
    pending: (rejected) => waitingClients.list(rejected),
    accept: (request) =>
      attempt("Accept Client", { tenant: request.tenant, fingerprint: request.fingerprint }, () =>
        waitingClients.accept(actor, request),
      ),
    reject: (fingerprint) => attempt("Reject Client", { fingerprint }, () => waitingClients.reject(actor, fingerprint)),
    addTrust: (request) =>
      attempt("Add Trusted Authority", { tenant: request.tenant, authority: request.name }, () =>
        trust.add(actor, request),
      ),
    listTrust: (tenant) => trust.list(tenant),
    showTrust: (name) => trust.show(name),
    removeTrust: ({ tenant, name }) =>
      attempt("Remove Trusted Authority", { tenant, authority: name }, () => trust.remove(actor, { tenant, name })),
    setRevocationLists: (request) =>
      attempt("Set Revocation Lists", { tenant: request.tenant, authority: request.name }, () =>
        trust.revocationLists(actor, request),
      ),
  };
}

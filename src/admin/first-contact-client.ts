import type { FirstContactAdministration } from "#src/administration/first-contact/administration.js";
import type { TrustName } from "#src/administration/first-contact/trusted-authorities.js";

/** How requests are made of the admin port. */
export interface AdminRequests {
  get<T>(path: string, query?: Readonly<Record<string, string | boolean | undefined>>): Promise<T>;
  post<T>(path: string, body?: object): Promise<T>;
}

const part = (name: string): string => encodeURIComponent(name);
const authorityPath = ({ tenant, name }: TrustName): string =>
  `/v1/tenants/${part(tenant)}/trusted-authorities/${part(name)}`;

/** The administration of first contacts through the admin port. */
export function remoteFirstContact({ get, post }: AdminRequests): FirstContactAdministration {
  return {
    pending: (rejected) => get("/v1/pending-clients", { rejected }),
    accept: ({ fingerprint, ...request }) => post(`/v1/pending-clients/${part(fingerprint)}/accept`, request),
    reject: (fingerprint) => post(`/v1/pending-clients/${part(fingerprint)}/reject`),
    sign: ({ tenant, ...request }) => post(`/v1/tenants/${part(tenant)}/sign-client`, request),
    renew: ({ tenant, name, ...request }) => post(`/v1/tenants/${part(tenant)}/clients/${part(name)}/renew`, request),
    addTrust: ({ tenant, ...request }) => post(`/v1/tenants/${part(tenant)}/trusted-authorities`, request),
    listTrust: (tenant) => get(`/v1/tenants/${part(tenant)}/trusted-authorities`),
    showTrust: (name) => get(authorityPath(name)),
    removeTrust: (name) => post(`${authorityPath(name)}/remove`),
    setRevocationLists: ({ lists, ...name }) => post(`${authorityPath(name)}/revocation-lists`, { lists }),
  };
}

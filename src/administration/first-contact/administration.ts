import type { ClientSummary } from "../client-summary.js";
import type { IssuedClient } from "../clients.js";
import type { RenewalRequest, SigningRequest } from "./own-certificates.js";
import type { TrustName, TrustRequest, TrustSummary } from "./trusted-authorities.js";
import type { Acceptance, WaitingSummary } from "./waiting-clients.js";

/** What an operator does about clients that come with certificates of their own. Rejects with AdministrationError. */
export interface FirstContactAdministration {
  /** Unknown certificates that were shown, the first seen first; the rejected ones too, where asked for. */
  pending(rejected?: boolean): Promise<readonly WaitingSummary[]>;
  accept(request: Acceptance): Promise<ClientSummary>;
  reject(fingerprint: string): Promise<WaitingSummary>;
  /** Registers a client with a certificate over the key of its own request. */
  sign(request: SigningRequest): Promise<IssuedClient>;
  /** Gives a client a further certificate. */
  renew(request: RenewalRequest): Promise<IssuedClient>;
  addTrust(request: TrustRequest): Promise<TrustSummary>;
  listTrust(tenant: string): Promise<readonly TrustSummary[]>;
  showTrust(name: TrustName): Promise<TrustSummary>;
  removeTrust(name: TrustName): Promise<TrustSummary>;
  /** Null has revocations not be looked at any more. */
  setRevocationLists(request: TrustName & { readonly lists: string | null }): Promise<TrustSummary>;
}

import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { AttestationType, CredentialType } from "#protocol/enums/index.js";
import type { RequestHeader } from "#protocol/messages/header.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { sameSecret } from "#src/secrecy/same-secret.js";
import { NoSiblings } from "#src/siblings/alone.js";
import { homeOf, newHomeValue } from "#src/siblings/home-values.js";
import { SiblingGoneError, type Siblings, topic } from "#src/siblings/siblings.js";
import type { Caller } from "./caller.js";
import type { AttestationDemand } from "./client-settings.js";
import { verifiedTpmQuote } from "./tpm-quote.js";

/** Ways of attesting that this server can check (KMIP 2.1 §11.4). */
export const attestationTypes: readonly number[] = [AttestationType.TPMQuote];

const nonceIdBytes = 16;

/** Which nonce of which client is answered; it is used up by that. */
const takeNonce = topic<{ readonly clientId: string; readonly key: string }, Uint8Array | undefined>("take a nonce");

/** How long a nonce may be answered. */
const nonceMilliseconds = 300_000;
/** Most nonces of one client that wait for an answer, and clients that have some: the oldest give way. */
const mostNoncesOfClient = 64;
const mostClients = 10_000;

/** A random value for a client to have its TPM sign (KMIP 2.1 §9.14). */
export interface Nonce {
  readonly nonceId: Buffer;
  /** 32 bytes. */
  readonly nonceValue: Buffer;
}

/** What came of the attestation of one request. */
export interface AttestationVerdict {
  /** Why no item of the request is performed; undefined where it was proven what had to be, or nothing had to be. */
  readonly refusal: KmipError | undefined;
  /** What the response header tells: a nonce for the next request, and how to answer it. */
  readonly nonce: Nonce | undefined;
}

const nothingToProve: AttestationVerdict = { refusal: undefined, nonce: undefined };

/**
 * Has clients whose registration demands it prove what runs on their machine, by a quote of their TPM over a nonce of
 * this server. Each nonce serves one request of one client; the answer to a request holds the nonce for the next.
 */
export class Attestation {
  /** The nonces of each client by their identifiers: no client can have those of another forgotten. */
  private readonly nonces = new LRUCache<string, LRUCache<string, Buffer>>({ max: mostClients });
  private readonly now: () => number;
  private readonly siblings: Siblings;

  /** `now` gives a steady time in milliseconds. A nonce is kept in the process that made it. */
  constructor(now: () => number, siblings: Siblings = new NoSiblings()) {
    this.now = now;
    this.siblings = siblings;
    siblings.on(takeNonce, ({ clientId, key }) => this.take(clientId, key));
  }

  /** Judges the attestation credential of a request, which uses up its nonce. */
  async judge(caller: Caller, header: RequestHeader): Promise<AttestationVerdict> {
    const demand = caller.attestation;
    if (demand === undefined) return nothingToProve;
    const capable = header.attestationCapableIndicator === true;
    const credentials = (header.authentication?.credential ?? []).filter(
      ({ credentialType }) => credentialType === CredentialType.Attestation,
    );
    const nonce = capable ? this.newNonce(caller) : undefined;
    if (credentials.length === 0) return { refusal: missing(capable), nonce };
    let isProven = false;
    for (const { credentialValue } of credentials) {
      isProven ||= await this.proves(caller, demand, credentialValue);
    }
    const refusal = isProven ? undefined : new KmipError("AttestationFailed", "the attestation does not prove enough");
    return { refusal, nonce };
  }

  private newNonce({ clientId }: Caller): Nonce {
    const nonceId = newHomeValue(this.siblings);
    const nonceValue = randomBytes(32);
    const own = this.nonces.get(clientId) ?? this.newNonces();
    own.set(nonceId.toString("hex"), nonceValue);
    this.nonces.set(clientId, own);
    return { nonceId, nonceValue };
  }

  private newNonces(): LRUCache<string, Buffer> {
    return new LRUCache({ max: mostNoncesOfClient, ttl: nonceMilliseconds, ttlResolution: 0, perf: { now: this.now } });
  }

  private async proves(caller: Caller, demand: AttestationDemand, credential: AttestationCredential): Promise<boolean> {
    const { nonce, attestationType, attestationMeasurement } = credential;
    if (nonce === undefined || attestationType !== AttestationType.TPMQuote || attestationMeasurement === undefined) {
      return false;
    }
    if (nonce.nonceId.length !== nonceIdBytes) return false;
    const given = await this.given(caller.clientId, nonce.nonceId);
    if (given === undefined) return false;
    const quote = verifiedTpmQuote(attestationMeasurement, demand.publicKey);
    if (quote === undefined || !sameSecret(quote.nonce, given)) return false;
    return demand.registerDigests.some((accepted) => sameSecret(quote.registerDigest, Buffer.from(accepted, "hex")));
  }

  /** The value of a nonce, from the process that keeps it; undefined where there is none, or not any more. */
  private async given(clientId: string, nonceId: Buffer): Promise<Buffer | undefined> {
    const question = { clientId, key: nonceId.toString("hex") };
    try {
      const value = await this.siblings.ask(homeOf(this.siblings, nonceId), takeNonce, question);
      return value === undefined ? undefined : Buffer.from(value);
    } catch (error) {
      if (error instanceof SiblingGoneError) return undefined;
      throw error;
    }
  }

  private take(clientId: string, key: string): Buffer | undefined {
    const own = this.nonces.get(clientId);
    const value = own?.get(key);
    own?.delete(key);
    return value;
  }
}

type AttestationCredential = NonNullable<RequestHeader["authentication"]>["credential"][number]["credentialValue"];

/** A client that cannot attest is told that it may not, one that can that it must (KMIP 1.4 §11.1, 2.1 §9.3). */
function missing(capable: boolean): KmipError {
  return capable
    ? new KmipError("AttestationRequired", "this client must attest; sign the nonce of this answer")
    : new KmipError("PermissionDenied", "this client must attest, and says that it cannot");
}

import { X509Certificate } from "node:crypto";
import { certificateFields } from "#certs/certificate-fields.js";
import { certificateNames } from "#certs/certificate-names.js";
import { missedTime, type Unfitness, unfitness } from "#certs/client-fitness.js";
import { describeCertificate } from "#certs/describe.js";
import { type PathCertificate, validateChain } from "#certs/path-validation.js";
import { certificatesOf, pemBlocks } from "#certs/pem.js";
import { type RevocationList, readRevocationList, serialOf } from "#certs/revocation-list-reading.js";
import { validityOf } from "#certs/times.js";
import type { TrustedAuthorityRow } from "#storage/first-contact-types.js";
import { type AuthorityRules, clientNameOf, mismatchOf, readRules } from "./authority-rules.js";
import type { NameSource } from "./name-sources.js";

/** Why an authority does not admit a certificate that it, or one below it, has issued. */
export type AuthorityRefusal = Unfitness | "revoked" | "revocation-list" | "rules";

/** What an authority makes of a certificate. */
export type AuthorityVerdict =
  /** `name` is what the client is called by the rule of names; undefined where the certificate holds no such name. */
  | { readonly kind: "admitted"; readonly name: string | undefined }
  | { readonly kind: "refused"; readonly why: AuthorityRefusal; readonly words: string }
  /** Not of this authority. */
  | { readonly kind: "stranger" };

const fitnessWords: Readonly<Record<Unfitness, string>> = {
  weak: "has a weak key or a weak signature",
  purpose: "is not meant for TLS clients",
  expired: "has expired",
  "not-yet-valid": "is not valid yet",
};

/** What is known of an authority. */
export interface AuthorityContent {
  readonly rules: AuthorityRules;
  readonly certificates: readonly X509Certificate[];
  readonly lists: readonly RevocationList[];
}

function contentOf(row: TrustedAuthorityRow): AuthorityContent {
  return {
    rules: readRules(JSON.parse(row.rules)),
    certificates: certificatesOf(row.certificates).map((pem) => new X509Certificate(pem)),
    lists: pemBlocks(row.revocationLists ?? "", "X509 CRL").map((pem) => readRevocationList(Buffer.from(pem))),
  };
}

/** An authority that a tenant trusts, read from its row. */
export class TrustedAuthority {
  readonly row: TrustedAuthorityRow;
  private read: AuthorityContent | undefined;

  constructor(row: TrustedAuthorityRow) {
    this.row = row;
  }

  /**
   * What the row holds, read when it is first asked for: one that is damaged fails for those whom it concerns only.
   * Throws where it is not as this server writes it.
   */
  get content(): AuthorityContent {
    this.read ??= contentOf(this.row);
    return this.read;
  }

  private get certificates(): readonly X509Certificate[] {
    return this.content.certificates;
  }

  private get lists(): readonly RevocationList[] {
    return this.content.lists;
  }

  /** Whether a certificate is one of this authority's clients now; `further` is what the client sent along. */
  async judge(
    certificate: X509Certificate,
    further: readonly X509Certificate[],
    { mayBeWeak = false, now = new Date() }: { readonly mayBeWeak?: boolean; readonly now?: Date } = {},
  ): Promise<AuthorityVerdict> {
    const faults: { readonly why: AuthorityRefusal; readonly words: string }[] = [];
    const verdict = await validateChain({
      given: [{ certificate, isAnchor: false }],
      at: now,
      issuersNamed: async (name) => this.issuersNamed(name, further),
      isRevoked: async (each) => {
        const fault = this.faultOf(each, each === certificate, mayBeWeak, now);
        if (fault !== undefined) faults.push(fault);
        return fault !== undefined;
      },
    });
    const [fault] = faults;
    // Until the signatures lead to the authority, whatever else is said of a certificate proves nothing.
    if (verdict !== "valid") {
      return fault !== undefined && (await this.isIssuedHere(certificate, further, now))
        ? { kind: "refused", ...fault }
        : { kind: "stranger" };
    }
    const names = certificateNames(certificate);
    const mismatch = mismatchOf(this.content.rules, names);
    if (mismatch !== undefined) return { kind: "refused", why: "rules", words: `${this.called}: ${mismatch}` };
    return { kind: "admitted", name: clientNameOf(this.row.nameFrom as NameSource, this.content.rules, names) };
  }

  /**
   * Why a certificate that was registered by this authority is not served any more, in words for the operator;
   * undefined where it is. Looks at the revocation lists only: the chain was followed when it connected.
   */
  standing(certificate: X509Certificate, now: Date): string | undefined {
    return this.listFault(certificate, true, now)?.words;
  }

  private get called(): string {
    return `the trusted authority "${this.row.name}"`;
  }

  private isAnchor(certificate: X509Certificate): boolean {
    return isAnchorAmong(this.certificates, certificate);
  }

  private issuersNamed(name: Buffer, further: readonly X509Certificate[]): PathCertificate[] {
    const own = this.certificates.map((certificate) => ({ certificate, isAnchor: this.isAnchor(certificate) }));
    // A path ends at an anchor, also where the client sends what stands above it.
    if (own.some(({ certificate, isAnchor }) => isAnchor && isAbove(certificate, name))) return [];
    const sent = further
      .filter((each) => !this.certificates.some((known) => isSame(known, each)))
      .map((certificate) => ({ certificate, isAnchor: false }));
    return [...own, ...sent].filter(({ certificate }) => certificateFields(certificate).subject.equals(name));
  }

  private faultOf(certificate: X509Certificate, isClient: boolean, mayBeWeak: boolean, now: Date) {
    const isAnchor = this.isAnchor(certificate);
    const why = unfitness(certificate, now, { isAnchor, statesUsage: isClient, mayBeWeak });
    const whose = isClient ? "the certificate" : "an authority above the certificate";
    if (why !== undefined) {
      const missed = missedTime(describeCertificate(certificate), now);
      const words = `${whose} ${fitnessWords[why]} (${this.called})`;
      return { why, words: missed === "" ? words : `${words}: ${missed}` };
    }
    return isAnchor ? undefined : this.listFault(certificate, isClient, now);
  }

  /** Where lists were imported, the issuer of a client's certificate must have a current one. */
  private listFault(
    certificate: X509Certificate,
    isClient: boolean,
    now: Date,
  ): { readonly why: "revoked" | "revocation-list"; readonly words: string } | undefined {
    if (this.lists.length === 0) return undefined;
    const { issuer } = certificateFields(certificate);
    const list = this.lists.find((each) => each.issuer.equals(issuer));
    const renew = "import the new one with keyreeve tenant trust crl";
    if (list === undefined) {
      const words = `${this.called} has revocation lists, but none of the certificate's issuer: ${renew}`;
      return isClient ? { why: "revocation-list", words } : undefined;
    }
    if (list.nextUpdate !== null && list.nextUpdate < now) {
      const words = `the revocation list of ${this.called} expired on ${list.nextUpdate.toISOString()}: ${renew}`;
      return { why: "revocation-list", words };
    }
    if (!list.revoked.has(serialOf(certificate))) return undefined;
    return {
      why: "revoked",
      words: `${isClient ? "the certificate" : "an authority above it"} is revoked by the list of ${this.called}`,
    };
  }

  /** Whether signatures and names lead to the authority, whatever else is wrong. */
  private async isIssuedHere(
    certificate: X509Certificate,
    further: readonly X509Certificate[],
    now: Date,
  ): Promise<boolean> {
    const { notBefore, notAfter } = validityOf(certificate);
    const at = now > notAfter ? notAfter : now < notBefore ? notBefore : now;
    const verdict = await validateChain({
      given: [{ certificate, isAnchor: false }],
      at,
      issuersNamed: async (name) => this.issuersNamed(name, further),
      isRevoked: async () => false,
    });
    return verdict === "valid";
  }
}

/**
 * Whether a certificate among those of an authority is trusted by itself: those that signed themselves are, and where
 * none did, the first one.
 */
export function isAnchorAmong(all: readonly X509Certificate[], certificate: X509Certificate): boolean {
  const roots = all.filter((each) => each.checkIssued(each));
  return (roots.length === 0 ? all.slice(0, 1) : roots).some((each) => isSame(each, certificate));
}

function isSame(one: X509Certificate, other: X509Certificate): boolean {
  return one.fingerprint256 === other.fingerprint256;
}

/** Whether a name is that of the certificate's issuer, and another than its own. */
function isAbove(certificate: X509Certificate, name: Buffer): boolean {
  const { issuer, subject } = certificateFields(certificate);
  return issuer.equals(name) && !subject.equals(name);
}

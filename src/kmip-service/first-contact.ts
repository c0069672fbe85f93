import { X509Certificate } from "node:crypto";
import { missedTime, type Unfitness, unfitness } from "#certs/client-fitness.js";
import { toPem } from "#certs/pem.js";
import type { KnownIdentity } from "#src/access/identities.js";
import { byOperator } from "#src/access/trusted-authorities.js";
import type { AuthorityRefusal, AuthorityVerdict, TrustedAuthority } from "#src/access/trusted-authority.js";
import { type UnknownCertificate, WaitingCertificates } from "#src/access/waiting-certificates.js";
import type { Actor } from "#src/administration/audit-record.js";
import { registerByAuthority } from "#src/administration/first-contact/automatic-registration.js";
import type { Runtime } from "#src/administration/runtime.js";
import type { CertificateJudge, CertificateRule, Judgement, ShownCertificate } from "#src/net/admission.js";
import type { HandshakeFailureCode } from "#src/net/handshake-diagnosis.js";

/** Certificates of nobody are kept only up to this length, in bytes. */
const longestUnknown = 16 * 1024;

const dayMilliseconds = 86_400_000;

const codes: Readonly<Record<AuthorityRefusal, HandshakeFailureCode>> = {
  weak: "certificate-weak",
  purpose: "certificate-purpose",
  expired: "certificate-expired",
  "not-yet-valid": "certificate-not-yet-valid",
  revoked: "certificate-revoked",
  "revocation-list": "revocation-list",
  rules: "authority-rules",
};

type Admitted = { readonly authority: TrustedAuthority; readonly name: string | undefined };
type Refused = Extract<AuthorityVerdict, { kind: "refused" }>;

/**
 * Decides which certificates get through the handshake: those of this server's own authority, those that were
 * registered by their fingerprint while what vouches for them still does, and those that a trusted authority registers
 * by itself. All others are noted for an operator, and refused. The handshake has proved the possession of the key.
 */
export class FirstContact {
  private readonly runtime: Runtime;
  private readonly own: X509Certificate;
  private readonly waiting: WaitingCertificates;

  constructor(runtime: Runtime) {
    const { configuration, database, events, log } = runtime;
    const { waitingDays, maximumWaiting, maximumWaitingPerAddress, maximumNewPerMinute } = configuration.firstContact;
    this.runtime = runtime;
    this.own = new X509Certificate(runtime.authorities.clients.certificatePem);
    this.waiting = new WaitingCertificates({
      database,
      setting: {
        lifetimeMilliseconds: waitingDays * dayMilliseconds,
        inAll: maximumWaiting,
        ofAddress: maximumWaitingPerAddress,
        newOfMinute: maximumNewPerMinute,
      },
      added: ({ fingerprint, sourceAddress, listener }) =>
        events.raise({ kind: "client-waiting", detail: { fingerprint, address: sourceAddress, listener } }),
      turnedAway: (count) => events.raise({ kind: "clients-turned-away", detail: { certificates: count } }),
      failed: (error) => log.error({ error }, "certificates that wait to be accepted could not be noted"),
    });
  }

  /** The judge of one listener. */
  judgeAt(listener: string): CertificateJudge {
    return async (shown, rule, remoteAddress) => {
      if (this.isOwn(shown.certificate)) {
        const strictness = { statesUsage: rule.requireClientAuthUsage, mayBeWeak: rule.weakCertificates };
        const why = unfitness(shown.certificate, new Date(), strictness);
        const isForgiven = why === "purpose" && !rule.requireClientAuthUsage;
        return why === undefined || isForgiven ? sound(shown) : unfit(shown, why);
      }
      const identity = await this.runtime.identities.find(shown.description.fingerprint256);
      return identity === null
        ? this.stranger(shown, rule, listener, remoteAddress)
        : this.known(shown, rule, identity);
    };
  }

  /** Writes what was noted. */
  stop(): Promise<void> {
    return this.waiting.stop();
  }

  private isOwn(certificate: X509Certificate): boolean {
    return certificate.checkIssued(this.own) && certificate.verify(this.own.publicKey);
  }

  /** A registered certificate of another authority, or of none. */
  private async known(
    shown: ShownCertificate,
    { weakCertificates: mayBeWeak }: CertificateRule,
    { certificate }: KnownIdentity,
  ): Promise<Judgement> {
    if (certificate.vouchedBy === byOperator) {
      const why = unfitness(shown.certificate, new Date(), { isAnchor: true, mayBeWeak });
      return why === undefined ? sound(shown) : unfit(shown, why);
    }
    const authority =
      certificate.vouchedBy === null
        ? undefined
        : await this.runtime.identities.authorities.byId(certificate.vouchedBy);
    if (authority === undefined || authority.row.tenantId !== certificate.tenantId) {
      return refused(shown, "unknown-authority", "what vouched for the certificate is not trusted any more");
    }
    const verdict = await authority.judge(shown.certificate, shown.further, { mayBeWeak });
    if (verdict.kind === "admitted") return sound(shown);
    if (verdict.kind === "refused") return refused(shown, codes[verdict.why], verdict.words);
    return refused(shown, "unknown-authority", `no chain leads to the trusted authority "${authority.row.name}"`);
  }

  private async stranger(
    shown: ShownCertificate,
    { weakCertificates: mayBeWeak }: CertificateRule,
    listener: string,
    sourceAddress: string,
  ): Promise<Judgement> {
    const { description } = shown;
    if (description.der.length > longestUnknown) return refused(shown, "certificate-unsound", "it is too long");
    const { admitted, refusals } = await this.askAuthorities(shown, mayBeWeak);
    const [only, another] = admitted;
    const [refusal] = refusals;
    if (only === undefined && refusal !== undefined && refusal.why !== "rules") {
      return refused(shown, codes[refusal.why], refusal.words);
    }
    let note = only === undefined ? (refusal?.words ?? null) : null;
    if (another !== undefined) note = "authorities of several tenants admit it: accept it for one of them";
    else if (only?.authority.row.autoRegister === true) {
      const obstacle = await this.register(shown, only);
      if (obstacle === undefined) return sound(shown);
      note = obstacle;
    }
    const why = unfitness(shown.certificate, new Date(), { isAnchor: true, mayBeWeak });
    if (why !== undefined) return unfit(shown, why);
    const isClear = only !== undefined && another === undefined;
    const authorityId = isClear ? only.authority.row.id : null;
    const suggestedName = isClear ? (only.name ?? null) : null;
    return this.wait(shown, { description, sourceAddress, listener, authorityId, suggestedName, note });
  }

  private wait(shown: ShownCertificate, unknown: UnknownCertificate): Judgement {
    this.waiting.shown(unknown);
    const note = unknown.note === null ? "" : `; ${unknown.note}`;
    return refused(shown, "waiting-for-acceptance", `fingerprint ${unknown.description.fingerprint256}${note}`);
  }

  private async askAuthorities({ certificate, further }: ShownCertificate, mayBeWeak: boolean) {
    const admitted: Admitted[] = [];
    const refusals: Refused[] = [];
    for (const authority of await this.runtime.identities.authorities.all()) {
      try {
        const verdict = await authority.judge(certificate, further, { mayBeWeak });
        if (verdict.kind === "admitted") admitted.push({ authority, name: verdict.name });
        else if (verdict.kind === "refused") refusals.push(verdict);
      } catch (error) {
        // One authority whose row is damaged must not keep the clients of all others out.
        this.runtime.log.error({ error, authority: authority.row.id }, "a trusted authority could not be asked");
      }
    }
    return { admitted, refusals };
  }

  private async register(shown: ShownCertificate, { authority, name }: Admitted): Promise<string | undefined> {
    if (!this.waiting.mayTakeNew()) return "too many certificates were registered in this minute";
    const { der, fingerprint256 } = shown.description;
    const actor: Actor = { name: "server", certificateFingerprint: fingerprint256, sourceAddress: null };
    const certificate = toPem("CERTIFICATE", der);
    const obstacle = await registerByAuthority(this.runtime, actor, { authority, name, certificate });
    if (obstacle === undefined) {
      const { tenantId, name: authorityName } = authority.row;
      const detail = { fingerprint: fingerprint256, authority: authorityName };
      this.runtime.events.raise({ kind: "client-registered", tenantId, detail });
    }
    return obstacle;
  }
}

function sound({ description }: ShownCertificate): Judgement {
  return { sound: true, peer: description };
}

function refused({ description }: ShownCertificate, code: HandshakeFailureCode, detail: string): Judgement {
  return { sound: false, code, detail, peer: description };
}

function unfit(shown: ShownCertificate, why: Unfitness): Judgement {
  return refused(
    shown,
    codes[why],
    why === "purpose" ? "no extended key usage clientAuth" : missedTime(shown.description, new Date()),
  );
}

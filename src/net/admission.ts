import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { LRUCache } from "lru-cache";
import { missedTime, unfitness } from "#certs/client-fitness.js";
import { type CertificateDescription, describeCertificate } from "#certs/describe.js";
import { peerCertificate } from "#certs/peer-certificate.js";
import { diagnoseVerification, type HandshakeFailureCode, reasonOf } from "./handshake-diagnosis.js";

/** What a listener wants of a client's certificate. */
export interface CertificateRule {
  /** `optional` admits clients without a certificate; one that is shown must be sound all the same. */
  readonly clientCertificate: "required" | "optional";
  /** Whether the certificate must state the extended key usage clientAuth. */
  readonly requireClientAuthUsage: boolean;
  /** Whether RSA keys below 2048 bits and signatures with SHA-1 are taken, as old appliances have them. */
  readonly weakCertificates: boolean;
}

/** A client's certificate judged. */
export type Judgement =
  | { readonly sound: true; readonly peer: CertificateDescription | null }
  | {
      readonly sound: false;
      readonly code: HandshakeFailureCode;
      readonly detail: string;
      readonly peer: CertificateDescription | null;
    };

/** A certificate whose private key the client has, as the handshake proved. Nobody has vouched for it yet. */
export interface ShownCertificate {
  readonly certificate: X509Certificate;
  readonly description: CertificateDescription;
  /** What the client sent with it, at most nine certificates; they prove nothing by themselves. */
  readonly further: readonly X509Certificate[];
}

/** Judges certificates in the place of the authorities of the TLS settings. */
export type CertificateJudge = (
  shown: ShownCertificate,
  rule: CertificateRule,
  remoteAddress: string,
) => Promise<Judgement>;

const mostFurther = 9;

/** Certificates of clients that connected last: most open many connections, of which each would keep it by itself. */
const described = new LRUCache<string, CertificateDescription>({ max: 1000 });

function descriptionOf(certificate: X509Certificate): CertificateDescription {
  const { fingerprint256 } = certificate;
  const known = described.get(fingerprint256);
  if (known !== undefined) return known;
  const description = describeCertificate(certificate);
  described.set(fingerprint256, description);
  return description;
}

function furtherCertificates(socket: TLSSocket): readonly X509Certificate[] {
  const further: X509Certificate[] = [];
  for (
    let next = socket.getPeerX509Certificate()?.issuerCertificate;
    next !== undefined && further.length < mostFurther;
    next = next.issuerCertificate
  ) {
    further.push(next);
  }
  return further;
}

/**
 * Judges the certificate of a finished handshake. Where a judge is given, it decides whether the certificate is to be
 * trusted, and OpenSSL's verdict is not asked. Else OpenSSL has verified the chain; its verdict stands in
 * `authorizationError`. Node is told not to act on it by itself, because it would then cut the socket before anyone
 * can say, for the log and the audit, whose certificate it was.
 */
export async function judgeClient(
  socket: TLSSocket,
  rule: CertificateRule,
  remoteAddress: string,
  judge?: CertificateJudge,
): Promise<Judgement> {
  let certificate: X509Certificate | undefined;
  let peer: CertificateDescription | undefined;
  try {
    certificate = peerCertificate(socket);
    peer = certificate && descriptionOf(certificate);
  } catch (error) {
    return { sound: false, code: "certificate-unsound", detail: reasonOf(error), peer: null };
  }
  if (certificate === undefined || peer === undefined) {
    return rule.clientCertificate === "optional"
      ? { sound: true, peer: null }
      : { sound: false, code: "no-client-certificate", detail: "", peer: null };
  }
  if (judge !== undefined) {
    const shown: ShownCertificate = {
      certificate,
      description: peer,
      get further() {
        return furtherCertificates(socket);
      },
    };
    return judge(shown, rule, remoteAddress);
  }
  if (!socket.authorized) {
    const verdict = String(socket.authorizationError);
    const code = codeOf(verdict, certificate);
    const missed = missedTime(peer, new Date());
    return { sound: false, code, detail: missed === "" ? verdict : `${verdict}: ${missed}`, peer };
  }
  if (rule.requireClientAuthUsage && !peer.extendedKeyUsages.includes("clientAuth")) {
    return { sound: false, code: "certificate-purpose", detail: "no extended key usage clientAuth", peer };
  }
  return { sound: true, peer };
}

/** Node.js has no names for OpenSSL's verdicts on short keys and weak signatures. */
function codeOf(verdict: string, certificate: X509Certificate): HandshakeFailureCode {
  const code = diagnoseVerification(verdict);
  if (code !== "certificate-unsound") return code;
  return unfitness(certificate, new Date()) === "weak" ? "certificate-weak" : code;
}

import type { TLSSocket } from "node:tls";
import { type CertificateDescription, describeCertificate } from "#certs/describe.js";
import { diagnoseVerification, type HandshakeFailureCode, reasonOf } from "./handshake-diagnosis.js";

/** What a listener wants of a client's certificate. */
export interface CertificateRule {
  /** `optional` admits clients without a certificate; one that is shown must be sound all the same. */
  readonly clientCertificate: "required" | "optional";
  /** Whether the certificate must state the extended key usage clientAuth. */
  readonly requireClientAuthUsage: boolean;
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

/**
 * Judges the certificate of a finished handshake. OpenSSL has verified the chain; its verdict stands in
 * `authorizationError`. Node is told not to act on it by itself, because it would then cut the socket before anyone
 * can say, for the log and the audit, whose certificate it was.
 */
export function judgeClient(socket: TLSSocket, rule: CertificateRule): Judgement {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    return rule.clientCertificate === "optional"
      ? { sound: true, peer: null }
      : { sound: false, code: "no-client-certificate", detail: "", peer: null };
  }
  let peer: CertificateDescription;
  try {
    peer = describeCertificate(certificate);
  } catch (error) {
    return { sound: false, code: "certificate-unsound", detail: reasonOf(error), peer: null };
  }
  if (!socket.authorized) {
    const verdict = String(socket.authorizationError);
    return { sound: false, code: diagnoseVerification(verdict), detail: verdict, peer };
  }
  if (rule.requireClientAuthUsage && !peer.extendedKeyUsages.includes("clientAuth")) {
    return { sound: false, code: "certificate-purpose", detail: "no extended key usage clientAuth", peer };
  }
  return { sound: true, peer };
}

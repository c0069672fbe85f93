import type { CertificateDescription } from "#certs/describe.js";

interface Diagnosis {
  /** What happened and what the operator can do about it. */
  readonly explanation: string;
  /** What health checks do all day: nothing to alarm anybody. */
  readonly isUsual?: true;
  /** Codes of node:tls and OpenSSL that mean this. */
  readonly errorCodes?: readonly string[];
}

const newClientCertificate = "Issue the client a new certificate.";
const signedByOther =
  "The client's certificate was not issued by an authority this server trusts. Issue the client a certificate here, " +
  "or add its authority to the trusted client authorities.";

/** Every way in which a client can fail before it has a connection. */
export const handshakeDiagnoses = {
  "no-data": {
    explanation: "The client connected and closed without sending anything, as health checks and port scans do.",
    isUsual: true,
  },
  "no-data-in-time": {
    explanation: "The client connected and sent nothing in time. Is it waiting for the server to speak first?",
  },
  "handshake-timeout": {
    explanation: "The client began a TLS handshake and did not finish it in time.",
    errorCodes: ["ERR_TLS_HANDSHAKE_TIMEOUT"],
  },
  "closed-in-handshake": {
    explanation:
      "The client ended the connection during the TLS handshake. Most often it does not trust the server's " +
      "certificate: give it this server's CA certificate and connect by a name that the server certificate holds.",
    errorCodes: ["ECONNRESET", "EPIPE"],
  },
  "plain-http": {
    explanation: "The client spoke HTTP without TLS, and this port speaks TLS only.",
    errorCodes: ["ERR_SSL_HTTP_REQUEST"],
  },
  "plain-kmip": {
    explanation: "The client sent KMIP without TLS. Turn TLS on in the client.",
  },
  "not-tls": {
    explanation: "The client sent something other than TLS, and this port speaks TLS only.",
    errorCodes: ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_UNEXPECTED_MESSAGE", "ERR_SSL_BAD_RECORD_TYPE"],
  },
  "protocol-version": {
    explanation:
      "The client offers only TLS versions below 1.2, which are not spoken here. Turn on TLS 1.2 or 1.3 in it, or give " +
      "it a listener of its own whose TLS profile is `legacy` (kmip.listeners).",
    errorCodes: ["ERR_SSL_UNSUPPORTED_PROTOCOL", "ERR_SSL_VERSION_TOO_LOW", "ERR_SSL_UNKNOWN_PROTOCOL"],
  },
  "no-shared-cipher": {
    explanation:
      "The client and this server have no cipher suite in common. For an old client, set the TLS profile of the " +
      "listener to `compatible` and give it an RSA server certificate.",
    errorCodes: ["ERR_SSL_NO_SHARED_CIPHER", "ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM", "ERR_SSL_NO_SHARED_GROUP"],
  },
  "server-certificate-refused": {
    explanation:
      "The client refused the server's certificate. Give the client this server's CA certificate and connect by a " +
      "name that the server certificate holds.",
    errorCodes: [
      "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
      "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
      "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN",
      "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED",
      "ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    ],
  },
  "no-client-certificate": {
    explanation:
      "The client sent no certificate. Configure it with a client certificate and its private key issued for this server.",
    errorCodes: ["ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE"],
  },
  "unknown-authority": {
    explanation: signedByOther,
    errorCodes: [
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "CERT_UNTRUSTED",
    ],
  },
  "certificate-expired": {
    explanation: `The client's certificate, or its authority's, has expired. ${newClientCertificate}`,
    errorCodes: ["CERT_HAS_EXPIRED"],
  },
  "certificate-not-yet-valid": {
    explanation: "The client's certificate is not valid yet. Compare the clocks of this server and of the issuer.",
    errorCodes: ["CERT_NOT_YET_VALID"],
  },
  "certificate-revoked": {
    explanation: `The client's certificate is revoked. ${newClientCertificate}`,
    errorCodes: ["CERT_REVOKED"],
  },
  "revocation-list": {
    explanation: "No current revocation list covers the client's certificate. Provide the list of its authority.",
    errorCodes: ["UNABLE_TO_GET_CRL", "CRL_HAS_EXPIRED", "CRL_NOT_YET_VALID", "CRL_SIGNATURE_FAILURE"],
  },
  "certificate-purpose": {
    explanation:
      "The client's certificate is not meant for TLS clients: its extended key usage must hold clientAuth. " +
      newClientCertificate,
    errorCodes: ["INVALID_PURPOSE", "ERR_SSL_UNSUPPORTED_CERTIFICATE_PURPOSE"],
  },
  "certificate-weak": {
    explanation:
      "The client's certificate is too weak: RSA keys need 2048 bits, signatures SHA-256 or better. " +
      `${newClientCertificate} Only a listener whose TLS profile is \`legacy\` (kmip.listeners) takes this one.`,
    errorCodes: ["CA_MD_TOO_WEAK", "EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "ERR_SSL_EE_KEY_TOO_SMALL"],
  },
  "certificate-unsound": { explanation: `The client's certificate cannot be verified. ${newClientCertificate}` },
  "connections-in-all": {
    explanation:
      "The server has as many connections as its limit allows. Raise maximumConnections or find who holds them.",
  },
  "connections-of-address": {
    explanation:
      "The address has as many connections as its limit allows. Raise maximumConnectionsPerAddress if many clients " +
      "share it.",
  },
  "connections-of-client": {
    explanation:
      "The client certificate has as many connections as its limit allows. Raise maximumConnectionsPerClient, or look " +
      "for a client that does not close its connections.",
  },
  "handshakes-in-progress": {
    explanation:
      "Too many handshakes were in progress and this was the oldest. Many of these in a row mean an attack, or that " +
      "maximumHandshakes is too low for a fleet that starts at once.",
  },
  "waiting-for-acceptance": {
    explanation:
      "The client's certificate is not known. It waits for an operator: compare its fingerprint with the client's own, " +
      "then `keyreeve client accept FINGERPRINT --tenant TENANT`. `keyreeve client pending` lists all that wait.",
  },
  "authority-rules": {
    explanation:
      "An authority that a tenant trusts has issued the client's certificate, but its rules do not admit the certificate. " +
      "Compare the certificate with `keyreeve tenant trust show`.",
  },
  "not-authorised": { explanation: "The client's certificate is sound, but the client was refused." },
  stopping: { explanation: "The server is stopping." },
  other: { explanation: "The TLS handshake failed." },
} as const satisfies Record<string, Diagnosis>;

/** A row of the table of diagnoses. */
export type HandshakeFailureCode = keyof typeof handshakeDiagnoses;

/** A client that did not get a connection. */
export interface HandshakeFailure {
  readonly code: HandshakeFailureCode;
  /** What happened and what to do, in plain words for the operator. */
  readonly explanation: string;
  /** Further words, such as OpenSSL's reason; empty where there are none. */
  readonly detail: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The certificate that was refused, where the client got as far as showing one. */
  readonly peer: CertificateDescription | null;
}

const codeOfError = new Map<string, HandshakeFailureCode>(
  Object.entries(handshakeDiagnoses as Record<string, Diagnosis>).flatMap(([code, { errorCodes }]) =>
    (errorCodes ?? []).map((errorCode) => [errorCode, code as HandshakeFailureCode] as const),
  ),
);

/** Whether a row tells of what health checks do all day, which is counted and needs nobody's attention. */
export function isUsualWithoutConnection(code: HandshakeFailureCode): boolean {
  const row: Diagnosis = handshakeDiagnoses[code];
  return row.isUsual === true;
}

/** The row for an error of a handshake that did not complete. */
export function diagnoseHandshakeError(error: NodeJS.ErrnoException): HandshakeFailureCode {
  return codeOfError.get(error.code ?? "") ?? "other";
}

/** The row for OpenSSL's verdict on a client certificate that was shown. */
export function diagnoseVerification(verdict: string): HandshakeFailureCode {
  return codeOfError.get(verdict) ?? "certificate-unsound";
}

const httpStart = /^(?:GET|PUT|POST|HEAD|PATCH|TRACE|DELETE|OPTIONS|CONNECT|PRI) /;
const tlsHandshakeRecord = 0x16;
const firstByteOfStandardTags = 0x42;

/** The row for the first bytes of a connection, or undefined where they may begin a TLS handshake. */
export function diagnoseFirstBytes(bytes: Buffer): HandshakeFailureCode | undefined {
  if (bytes[0] === tlsHandshakeRecord) return undefined;
  if (bytes[0] === firstByteOfStandardTags) return "plain-kmip";
  return httpStart.test(bytes.toString("latin1", 0, 16)) ? "plain-http" : "not-tls";
}

/** OpenSSL's reason without its address and source line; empty where the error carries none. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  // A name with several addresses, of which none could be reached: the message is empty.
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  if ("reason" in error && typeof error.reason === "string") return error.reason;
  return error.message.split("\n", 1)[0] ?? "";
}

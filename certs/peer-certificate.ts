import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { derTags, elementsOf } from "./der-elements.js";

/** The field of an OpenSSL session (SSL_SESSION in ASN.1) that holds the certificate of the peer. */
const peerField = 0xa3;

/**
 * The DER of the certificate that a client has shown in a finished handshake, as OpenSSL keeps it; undefined where it
 * showed none. It is read out of the session: getPeerX509Certificate of Node.js 20 takes the first certificate behind it
 * off the chain and never frees it.
 */
export function peerCertificateDer(socket: TLSSocket): Buffer | undefined {
  const session = socket.getSession();
  if (session === undefined) return undefined;
  try {
    const field = elementsOf(session, derTags.sequence).find(({ tag }) => tag === peerField);
    return field && Buffer.from(field.content);
  } finally {
    // It holds the master secret.
    session.fill(0);
  }
}

/**
 * The certificate that a client has shown in a finished handshake; undefined where it showed none.
 *
 * @throws Error of node:crypto where OpenSSL does not take it for a certificate any more.
 */
export function peerCertificate(socket: TLSSocket): X509Certificate | undefined {
  const der = peerCertificateDer(socket);
  return der && new X509Certificate(der);
}

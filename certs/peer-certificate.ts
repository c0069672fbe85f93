import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { derElements, derTags, elementsOf } from "./der-elements.js";

/** The field of an OpenSSL session (SSL_SESSION in ASN.1) that holds the certificate of the peer. */
const peerField = 0xa3;

/**
 * The certificate that a client has shown in a finished handshake; undefined where it showed none. It is read out of the
 * session: getPeerX509Certificate of Node.js 20 takes the first certificate behind it off the chain and never frees it.
 *
 * @throws Error of node:crypto where OpenSSL does not take it for a certificate any more.
 */
export function peerCertificate(socket: TLSSocket): X509Certificate | undefined {
  const session = socket.getSession();
  if (session === undefined) return undefined;
  try {
    const field = elementsOf(session, derTags.sequence).find(({ tag }) => tag === peerField);
    const whole = field && derElements(field.content)[0]?.whole;
    return whole === undefined ? undefined : new X509Certificate(Buffer.from(whole));
  } finally {
    // It holds the master secret.
    session.fill(0);
  }
}

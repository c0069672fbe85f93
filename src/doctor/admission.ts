import { once } from "node:events";
import { type Finding, failed, fine } from "./finding.js";
import { handshake, isShaken, type Unshaken, unshaken } from "./handshake.js";
import type { Target } from "./target.js";
import { handshakeWords } from "./tls.js";

const step = "admission";

/** How long a server that refuses a client may take to say so after the handshake. */
const patienceMilliseconds = 500;

const demandsOne =
  "Give the client a certificate and key that the server knows, and name their folder with --identity.";
const trustOrIssue =
  "Have the server trust that CA (for Keyreeve: tenant trust), or issue the client a certificate there.";

/** What alerts about a client's certificate mean, by the code of node:tls. */
const alerts: Readonly<Record<string, readonly [found: string, advice: string]>> = {
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ["the server demands a client certificate", demandsOne],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: ["the server does not know the CA of the client's certificate", trustOrIssue],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: [
    "the server says that the client's certificate has expired",
    "Issue another, and compare the clocks.",
  ],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: [
    "the server says that the client's certificate is revoked",
    "Issue another.",
  ],
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: [
    "the server does not take this kind of client certificate",
    "It needs clientAuth among its extended key usages, and a key of a kind that the server knows.",
  ],
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: ["the server says that the client's certificate is bad", trustOrIssue],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: ["the server refuses the client's certificate", trustOrIssue],
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: ["the server denies the client access", "See the server's log."],
  ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: [
    "the server could not check the client's signature",
    "Certificate and key do not fit, or the server and the client know no signature in common.",
  ],
};

/** Whether the server keeps the connection of this client, which with TLS 1.3 shows only after the handshake. */
export async function askAdmission(target: Target, now: () => number): Promise<Finding> {
  const outcome = await handshake(target, { showsCertificate: true });
  if (!isShaken(outcome)) return refusal(target, outcome);
  const { socket } = outcome;
  const since = now();
  const ending = await Promise.race([
    once(socket.resume(), "close").then(
      (): Unshaken => ({ code: "CLOSED", words: `${now() - since} ms after the handshake` }),
      unshaken,
    ),
    new Promise<undefined>((resolve) => setTimeout(resolve, patienceMilliseconds, undefined).unref()),
  ]);
  socket.on("error", () => socket.destroy());
  socket.destroy();
  return ending === undefined ? fine(step, "the server keeps the connection") : refusal(target, ending);
}

function refusal({ certificate }: Target, ending: Unshaken): Finding {
  const alert = alerts[ending.code];
  if (alert !== undefined) return failed(step, `${alert[0]} (${ending.code})`, alert[1]);
  if (ending.code !== "CLOSED" && ending.code !== "ECONNRESET") {
    const { found, advice } = handshakeWords(ending);
    return failed(step, found, advice);
  }
  if (certificate === undefined) {
    return failed(step, "the server ended the connection of a client without a certificate", demandsOne);
  }
  return failed(
    step,
    "the server ended the connection right after the handshake: it does not admit this client",
    "The server's log says why. Most often it does not trust the CA of the certificate, or waits for somebody to " +
      "accept it (for Keyreeve: keyreeve client pending, keyreeve client accept); else see the step before this one.",
  );
}

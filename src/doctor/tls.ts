import type { SecureVersion } from "node:tls";
import { type Finding, failed, fine } from "./finding.js";
import { everything, handshake, isShaken, type Shaken, type Unshaken } from "./handshake.js";
import type { Target } from "./target.js";

interface Words {
  readonly found: string;
  readonly advice: string;
}

const notTls: Words = {
  found: "what answers does not speak TLS",
  advice: "This is another service, or a port for plain text: give the TLS port of the KMIP server.",
};

const noAgreement: Words = {
  found:
    "the server found no TLS version, cipher suite or signature in common, or demands a certificate before it says more",
  advice:
    "See the server's log. Give the client's files with --identity if they were not given; for old servers allow older suites.",
};

const endedEarly: Words = {
  found: "the connection was ended in the handshake",
  advice: "See the server's log. A proxy, a load balancer or an address filter between the two machines does this too.",
};

/** What the errors of a handshake mean, by their code. */
const errorWords: Readonly<Record<string, Words>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_UNEXPECTED_MESSAGE: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  ERR_SSL_HTTP_REQUEST: notTls,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: noAgreement,
  ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY: noAgreement,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: noAgreement,
  ERR_SSL_UNSUPPORTED_PROTOCOL: noAgreement,
  ECONNRESET: endedEarly,
  EPIPE: endedEarly,
  CLOSED: endedEarly,
  TIMEOUT: {
    found: "the server does not answer a TLS handshake",
    advice: "It may wait for plain text, or be stuck: give the TLS port of the KMIP server, and see its log.",
  },
};

/** What an error of a handshake means. */
export function handshakeWords({ code, words }: Unshaken): Words {
  const known = errorWords[code];
  if (known !== undefined) return { ...known, found: `${known.found} (${code})` };
  return { found: `the TLS handshake failed: ${words} (${code})`, advice: "See the server's log." };
}

/** Whether the port speaks TLS at all, and what one handshake comes to. */
export async function shakeHands(target: Target): Promise<{ finding: Finding; shaken: Shaken | undefined }> {
  const outcome = await handshake(target, { showsCertificate: true });
  if (!isShaken(outcome)) {
    const { found, advice } = handshakeWords(outcome);
    return { finding: failed("tls", found, advice), shaken: undefined };
  }
  outcome.socket.destroy();
  return { finding: fine("tls", `${outcome.protocol} with ${outcome.cipher}`), shaken: outcome };
}

const versions: readonly SecureVersion[] = ["TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1"];
const tls13Suites = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"];
/** Suites that are asked for in a version before the rest is passed over. */
const mostSuites = 16;

/** The suites that the server takes in a version, in its order of preference as far as it has one. */
async function suitesIn(target: Target, version: SecureVersion): Promise<readonly string[]> {
  const taken: string[] = [];
  while (taken.length < mostSuites) {
    const left = tls13Suites.filter((suite) => !taken.includes(suite));
    if (version === "TLSv1.3" && left.length === 0) break;
    const ciphers =
      version === "TLSv1.3" ? left.join(":") : [everything, ...taken.map((suite) => `!${suite}`)].join(":");
    const outcome = await handshake(target, { version, ciphers, showsCertificate: true });
    if (!isShaken(outcome)) break;
    outcome.socket.destroy();
    if (taken.includes(outcome.cipher)) break;
    taken.push(outcome.cipher);
  }
  return taken;
}

/** Which versions of TLS the server speaks, and with which suites. */
export async function findVersions(target: Target): Promise<Finding> {
  const spoken: string[] = [];
  for (const version of versions) {
    const suites = await suitesIn(target, version);
    if (suites.length > 0) spoken.push(`${version} (${suites.join(" ")})`);
  }
  const found = spoken.join("; ");
  if (spoken.some((text) => /^TLSv1\.[23]/.test(text))) return fine("tls versions", found);
  return failed(
    "tls versions",
    found === "" ? "no version of TLS was agreed on twice" : `the server speaks only old TLS: ${found}`,
    "Turn on TLS 1.2 in the server; programs of today refuse what is older.",
  );
}

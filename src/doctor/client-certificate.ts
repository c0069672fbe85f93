import { X509Certificate } from "node:crypto";
import { type Unfitness, unfitness } from "#certs/client-fitness.js";
import { type CertificateDescription, describeCertificate } from "#certs/describe.js";
import { privateKeyFromPem } from "#certs/key-reading.js";
import { type Finding, failed, fine, skipped, spanOf } from "./finding.js";
import { unshaken } from "./handshake.js";
import type { Target } from "./target.js";

const step = "client certificate";
const issueAnother = "Issue the client a new certificate (for Keyreeve: keyreeve client issue).";

interface Words {
  readonly found: string;
  readonly advice: string;
}

const unfit: Readonly<Record<Unfitness, (description: CertificateDescription, now: Date) => Words>> = {
  expired: ({ notAfter }, now) => ({
    found: `it has expired ${spanOf(now.getTime() - notAfter.getTime())} ago`,
    advice: issueAnother,
  }),
  "not-yet-valid": ({ notBefore }, now) => ({
    found: `it is valid only from ${spanOf(notBefore.getTime() - now.getTime())} ahead of this machine's clock`,
    advice: "Set the clocks of both machines by NTP, or wait.",
  }),
  weak: ({ keyType }) => ({
    found: `its key (${keyType}) or the hash in its signature is too weak for today`,
    advice: issueAnother,
  }),
  purpose: () => ({
    found: "its extended key usage does not hold clientAuth, so that it is none for TLS clients",
    advice: issueAnother,
  }),
};

/** What the client's own files are good for. */
export interface ClientJudgement {
  readonly finding: Finding;
  /** Whether they can be shown to a server at all: a certificate with its key. */
  readonly canBeShown: boolean;
}

/** Whether the client's own files are good for anything, before any server sees them. */
export function judgeClientCertificate(target: Target, now: Date): ClientJudgement {
  const pair = readPair(target);
  if (!(pair instanceof X509Certificate)) return { finding: pair, canBeShown: false };
  return { finding: judgePair(pair, target.authority, now), canBeShown: true };
}

/** The certificate, where it is one and the key is its own; else what is wrong. */
function readPair({ certificate: pem, key }: Target): X509Certificate | Finding {
  if (pem === undefined && key === undefined) {
    return skipped(step, "none was given: --identity names the folder of the client's files");
  }
  if (pem === undefined)
    return failed(step, "there is a key, but no certificate", "Put it beside the key as client.crt.");
  if (key === undefined) return failed(step, "there is no private key", "Put it beside the certificate as client.key.");
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    return failed(step, `client.crt cannot be read: ${unshaken(error).words}`, "It must hold a certificate in PEM.");
  }
  const misfit = misfitOf(certificate, key);
  if (misfit === undefined) return certificate;
  return failed(step, `${calledIn(describeCertificate(certificate))}: ${misfit.found}`, misfit.advice);
}

function calledIn({ subject, fingerprint256 }: CertificateDescription): string {
  return `${subject} (SHA-256 ${fingerprint256})`;
}

function judgePair(certificate: X509Certificate, authority: string | undefined, now: Date): Finding {
  const description = describeCertificate(certificate);
  const told = calledIn(description);
  const why = unfitness(certificate, now, { statesUsage: true });
  if (why !== undefined) {
    const { found, advice } = unfit[why](description, now);
    return failed(step, `${told}: ${found}`, advice);
  }
  const isOfAuthority = authority !== undefined && wasIssuedBy(certificate, authority);
  const source = isOfAuthority ? "by the CA given" : `by ${description.issuer}, which is not the CA given`;
  return fine(step, `${told}, issued ${source}, until ${description.notAfter.toISOString().slice(0, 10)}`);
}

function misfitOf(certificate: X509Certificate, key: string): Words | undefined {
  try {
    if (certificate.checkPrivateKey(privateKeyFromPem(key))) return undefined;
    return {
      found: "the private key is that of another certificate",
      advice: "Put certificate and key of the same client together.",
    };
  } catch (error) {
    return {
      found: `client.key cannot be read: ${unshaken(error).words}`,
      advice: "It must hold the private key in PEM, without a passphrase.",
    };
  }
}

function wasIssuedBy(certificate: X509Certificate, authority: string): boolean {
  try {
    return certificate.checkIssued(new X509Certificate(authority));
  } catch {
    // No certificate of an authority: nothing was issued by it.
    return false;
  }
}

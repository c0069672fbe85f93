import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { describeCertificate } from "#certs/describe.js";
import { type Finding, failed, fine, skipped, spanOf } from "./finding.js";
import type { Shaken } from "./handshake.js";
import type { Target } from "./target.js";

/** Whether a client that checks the server's certificate is content with it: names, dates, and who issued it. */
export function judgeServerCertificate(target: Target, shaken: Shaken, now: Date): Finding {
  const { certificate, verdict } = shaken;
  if (certificate === undefined) {
    return failed("server certificate", "the server shows no certificate", "Give the server a certificate.");
  }
  const { host, serverName = host, authority } = target;
  const { subject, issuer, notBefore, notAfter, subjectAlternativeNames } = describeCertificate(certificate);
  const told = `${subject}, issued by ${issuer}, until ${notAfter.toISOString().slice(0, 10)}`;
  const refuse = (found: string, advice: string) => failed("server certificate", `${told}: ${found}`, advice);
  if (notAfter < now) {
    return refuse(
      `it has expired ${spanOf(now.getTime() - notAfter.getTime())} ago`,
      "Renew it (Keyreeve does so by itself at its start), or set the clock of this machine.",
    );
  }
  if (notBefore > now) {
    return refuse(
      `it is valid only from ${spanOf(notBefore.getTime() - now.getTime())} ahead of this machine's clock`,
      "Set the clocks of both machines by NTP.",
    );
  }
  if (!holdsName(certificate, serverName)) {
    return refuse(
      `it does not hold the name ${serverName}, but ${subjectAlternativeNames.join(", ") || "no names"}`,
      "Connect by a name that it holds, or add this one (for Keyreeve: server.names in the configuration, then restart).",
    );
  }
  if (authority === undefined) return skipped("server certificate", `${told}; no CA was given to check it by`);
  if (verdict !== "") {
    return refuse(
      `the CA given does not vouch for it (${verdict})`,
      "Give the client the CA certificate of this server (for Keyreeve: ca.crt beside the client's files).",
    );
  }
  return fine("server certificate", `${told}; it holds the name ${serverName} and the CA given vouches for it`);
}

function holdsName(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { IssuedCertificate } from "#certs/certificates.js";
import {
  attemptTestClient,
  connectTestClient,
  makeTestCertificates,
  messageOf,
  startTestListener,
} from "#test/support/tls.js";

const certificates = await makeTestCertificates();
const folder = t.testdir({
  "ca.crt": certificates.ca.certificatePem,
  extensions: "extendedKeyUsage=clientAuth\n",
});
const path = (name: string) => join(folder, name);
writeFileSync(path("ca.key"), certificates.ca.privateKeyPem, { mode: 0o600 });

/** A client certificate as old appliances have them, which only openssl still makes. */
function weakClient(bits: number, hash: string): IssuedCertificate {
  const openssl = (...args: readonly string[]) => execFileSync("openssl", [...args], { stdio: "pipe" });
  openssl(
    "req",
    "-new",
    "-newkey",
    `rsa:${bits}`,
    "-nodes",
    "-keyout",
    path("key"),
    "-subj",
    "/CN=old",
    "-out",
    path("csr"),
  );
  const issue = ["x509", "-req", `-${hash}`, "-in", path("csr"), "-CA", path("ca.crt"), "-CAkey", path("ca.key")];
  openssl(...issue, "-set_serial", "7", "-days", "1", "-extfile", path("extensions"), "-out", path("crt"));
  return { certificatePem: readFileSync(path("crt"), "utf8"), privateKeyPem: readFileSync(path("key"), "utf8") };
}

for (const [bits, hash] of [
  [1024, "sha256"],
  [2048, "sha1"],
  [1024, "sha1"],
] as const) {
  t.test(`a client certificate of RSA ${bits} with ${hash} is taken with the TLS profile legacy only`, async (t) => {
    const as = weakClient(bits, hash);
    const weakest = { as, ciphers: "ALL:@SECLEVEL=0" };
    const tls = {
      certificates: [certificates.ecServer, certificates.rsaServer],
      clientAuthorities: [certificates.ca.certificatePem],
    };
    const old = await startTestListener(t, certificates, { tls: { ...tls, profile: "legacy" } });
    const message = messageOf("old");
    for (const version of ["TLSv1", "TLSv1.1", "TLSv1.2"] as const) {
      const client = await connectTestClient(certificates, old.port, {
        ...weakest,
        minVersion: version,
        maxVersion: version,
      });
      await client.send(message);
      t.same(await client.read(message.length), message, version);
      client.socket.destroy();
    }
    const usual = await startTestListener(t, certificates);
    const refused = await attemptTestClient(certificates, usual.port, message, weakest);
    t.not(refused.ended, undefined);
    await usual.until(() => usual.failures.length > 0);
    t.equal(usual.failures[0]?.code, "certificate-weak");
  });
}

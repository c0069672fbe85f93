import { execFile } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import t, { type Test } from "tap";
import {
  createCertificateAuthority,
  issueClientCertificate,
  issueOperatorCertificate,
  issueServerCertificate,
} from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { CertificateError } from "#certs/errors.js";
import { createKeyPair, type KeyKind } from "#certs/keys.js";
import { certificatesOf, pemBundle } from "#certs/pem.js";

const run = promisify(execFile);
const ca = await createCertificateAuthority({ commonName: "Keyreeve test authority", validityDays: 30 });

async function opensslVerify(t: Test, pem: string, purpose: string): Promise<string> {
  const folder = t.testdir({ "ca.pem": ca.certificatePem, "leaf.pem": pem });
  const { stdout } = await run("openssl", [
    ...["verify", "-x509_strict", "-purpose", purpose, "-CAfile", join(folder, "ca.pem"), join(folder, "leaf.pem")],
  ]);
  return stdout;
}

t.test("an authority is a self-signed P-256 certificate that may sign certificates and revocation lists", async (t) => {
  const certificate = new X509Certificate(ca.certificatePem);
  t.equal(certificate.ca, true);
  t.equal(certificate.verify(certificate.publicKey), true);
  t.equal(certificate.checkPrivateKey(createPrivateKey(ca.privateKeyPem)), true);
  const folder = t.testdir({ "ca.pem": ca.certificatePem });
  const { stdout } = await run("openssl", ["x509", "-in", join(folder, "ca.pem"), "-noout", "-text"]);
  t.match(stdout, /Version: 3/);
  t.match(stdout, /X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
  t.match(stdout, /X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign/);
  t.match(stdout, /X509v3 Subject Key Identifier/);
});

for (const kind of ["ec-p256", "rsa-2048", "rsa-3072"] as const satisfies readonly KeyKind[]) {
  t.test(`a server certificate over a key of kind ${kind} verifies in node:crypto and openssl`, async (t) => {
    const { publicKey, privateKey } = await createKeyPair(kind);
    const names = ["localhost", "*.example.com", "127.0.0.1", "::1", "2001:db8::ff00:42:8329"];
    const pem = issueServerCertificate({ ca, publicKey, names, commonName: "localhost", validityDays: 10 });
    const certificate = new X509Certificate(pem);
    t.equal(certificate.verify(new X509Certificate(ca.certificatePem).publicKey), true);
    t.equal(certificate.checkIssued(new X509Certificate(ca.certificatePem)), true);
    t.equal(certificate.checkPrivateKey(privateKey), true);
    t.equal(certificate.checkHost("node.example.com"), "*.example.com");
    for (const address of ["127.0.0.1", "::1", "2001:db8::ff00:42:8329"]) {
      t.equal(certificate.checkIP(address), address, `names ${address}`);
    }
    t.equal(certificate.checkIP("127.0.0.2"), undefined);
    t.same(describeCertificate(pem).extendedKeyUsages, ["serverAuth"]);
    t.match(await opensslVerify(t, pem, "sslserver"), /leaf\.pem: OK/);
    await t.rejects(opensslVerify(t, pem, "sslclient"), "is refused as a client");
  });
}

t.test("a client certificate verifies for client authentication only", async (t) => {
  const client = await issueClientCertificate({ ca, commonName: "demo-client", organization: "Demo", validityDays: 5 });
  t.match(await opensslVerify(t, client.certificatePem, "sslclient"), /leaf\.pem: OK/);
  await t.rejects(opensslVerify(t, client.certificatePem, "sslserver"));
  t.equal(new X509Certificate(client.certificatePem).checkPrivateKey(createPrivateKey(client.privateKeyPem)), true);
});

t.test("a description gives every field in the forms the server stores", async (t) => {
  const client = await issueClientCertificate({ ca, commonName: 'a,b "c"', organization: "Démo", validityDays: 5 });
  const told = describeCertificate(client.certificatePem);
  const folder = t.testdir({});
  await writeFile(join(folder, "c.pem"), client.certificatePem);
  const { stdout } = await run("openssl", [
    ...["x509", "-in", join(folder, "c.pem"), "-noout", "-fingerprint", "-sha256", "-serial", "-subject"],
    ...["-nameopt", "RFC2253,-esc_msb"],
  ]);
  t.match(stdout.toLowerCase().replaceAll(":", ""), told.fingerprint256);
  t.match(told.fingerprint256, /^[0-9a-f]{64}$/);
  t.match(stdout.toLowerCase(), `serial=${told.serial}`);
  t.match(stdout, `subject=${told.subject}`);
  t.equal(told.subject, 'CN=a\\,b \\"c\\",O=Démo');
  t.equal(told.issuer, "CN=Keyreeve test authority");
  t.same(told.extendedKeyUsages, ["clientAuth"]);
  t.equal(told.keyType, "EC P-256");
  t.equal(told.isAuthority, false);
  t.same(describeCertificate(told.der), told, "the DER describes itself alike");
  const days = (told.notAfter.getTime() - told.notBefore.getTime()) / 86_400_000;
  t.ok(days > 5 && days < 5.01, "five days and the allowance for clock skew");
});

t.test("an operator certificate is a client certificate whose unit tells people what it is", async (t) => {
  const operator = await issueOperatorCertificate({ ca, commonName: "operator", validityDays: 5 });
  const told = describeCertificate(operator.certificatePem);
  t.equal(told.subject, "CN=operator,OU=Operators");
  t.same(told.extendedKeyUsages, ["clientAuth"]);
});

t.test("alternative names are listed one by one", async (t) => {
  const { publicKey } = await createKeyPair("ec-p256");
  const pem = issueServerCertificate({
    ca,
    publicKey,
    names: ["a.test", "10.0.0.1"],
    commonName: "a",
    validityDays: 1,
  });
  t.same(describeCertificate(pem).subjectAlternativeNames, ["DNS:a.test", "IP Address:10.0.0.1"]);
});

t.test("serial numbers are positive, 128 bits long and differ", async (t) => {
  const serials = new Set<string>();
  const { publicKey } = await createKeyPair("ec-p256");
  for (let count = 0; count < 20; count++) {
    const pem = issueServerCertificate({ ca, publicKey, names: ["a.test"], commonName: "a", validityDays: 1 });
    const { serial } = describeCertificate(pem);
    t.match(serial, /^[4-7][0-9a-f]{31}$/);
    serials.add(serial);
  }
  t.equal(serials.size, 20);
});

t.test("nothing is issued to outlive its authority", async (t) => {
  const short = await createCertificateAuthority({ commonName: "Short", validityDays: 1 });
  const client = await issueClientCertificate({ ca: short, commonName: "c", validityDays: 400 });
  t.same(describeCertificate(client.certificatePem).notAfter, describeCertificate(short.certificatePem).notAfter);
});

t.test("an end beyond 2049 is written as a time that openssl and node:crypto both read", async (t) => {
  const long = await createCertificateAuthority({ commonName: "Long", validityDays: 36_000 });
  t.ok(describeCertificate(long.certificatePem).notAfter.getUTCFullYear() > 2100);
});

t.test("names, days and authorities out of bounds are refused", async (t) => {
  const { publicKey } = await createKeyPair("ec-p256");
  const client = await issueClientCertificate({ ca, commonName: "c", validityDays: 1 });
  const other = await createCertificateAuthority({ commonName: "Other", validityDays: 1 });
  const sound = { ca, publicKey, names: ["a.test"], commonName: "a", validityDays: 1 };
  const cases = {
    "a host with a space": { names: ["a b"] },
    "a name cut by a zero byte": { names: ["good.test\0.evil.test"] },
    "no name at all": { names: [] },
    "an empty common name": { commonName: "" },
    "a common name over 64 characters": { commonName: "x".repeat(65) },
    "a common name with a line end": { commonName: "a\nO=b" },
    "no days": { validityDays: 0 },
    "days that are no number": { validityDays: Number.NaN },
    "an issuer that is no authority": { ca: client },
    "a key that is not the authority’s": { ca: { ...ca, privateKeyPem: other.privateKeyPem } },
  };
  for (const [name, change] of Object.entries(cases)) {
    t.throws(() => issueServerCertificate({ ...sound, ...change }), CertificateError, name);
  }
});

t.test("a bundle is taken apart into the certificates it was made of", async (t) => {
  const client = await issueClientCertificate({ ca, commonName: "c", validityDays: 1 });
  const bundle = pemBundle(client.certificatePem, client.privateKeyPem, ca.certificatePem.trimEnd());
  t.same(certificatesOf(bundle), [client.certificatePem, ca.certificatePem]);
  t.throws(() => certificatesOf(client.privateKeyPem), CertificateError);
});

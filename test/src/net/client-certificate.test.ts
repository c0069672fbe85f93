import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { createCertificateAuthority, type IssuedCertificate, issueClientCertificate } from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { createKeyPair, privateKeyPem } from "#certs/keys.js";
import { issueRevocationList } from "#certs/revocation-list.js";
import type { HandshakeFailureCode } from "#src/net/handshake-diagnosis.js";
import { secureContextOptions } from "#src/net/tls-settings.js";
import {
  attemptTestClient,
  type ClientOptions,
  connectTestClient,
  makeTestCertificates,
  messageOf,
  startTestListener,
} from "#test/support/tls.js";

const certificates = await makeTestCertificates();
const { ca } = certificates;
const request = messageOf("a request");
const versions = ["TLSv1.2", "TLSv1.3"] as const;

const otherAuthority = await createCertificateAuthority({ commonName: "Other authority", validityDays: 1 });
const ofOtherAuthority = await issueClientCertificate({ ca: otherAuthority, commonName: "stranger", validityDays: 1 });
const expired = await issueClientCertificate({ ca, commonName: "late", validityDays: 1e-9 });

const attempt = (port: number, options?: ClientOptions) => attemptTestClient(certificates, port, request, options);

const refused: Record<string, { as: IssuedCertificate | null; code: HandshakeFailureCode; subject?: string }> = {
  "without a certificate": { as: null, code: "no-client-certificate" },
  "of an unknown authority": { as: ofOtherAuthority, code: "unknown-authority", subject: "CN=stranger" },
  "with an expired certificate": { as: expired, code: "certificate-expired", subject: "CN=late" },
  "with a server's certificate": { as: certificates.ecServer, code: "certificate-purpose", subject: "CN=localhost" },
  "with the authority's own certificate": { as: ca, code: "certificate-purpose", subject: "CN=Test authority" },
};

for (const version of versions) {
  for (const [name, { as, code, subject }] of Object.entries(refused)) {
    t.test(`a client ${name} is refused by name in ${version} and no message of it is read`, async (t) => {
      let messages = 0;
      const { port, failures, until } = await startTestListener(t, certificates, {
        handler: {
          onMessage: async (_connection, message) => {
            messages++;
            return message;
          },
          onUnreadable: () => null,
        },
      });
      const client = await attempt(port, { as, minVersion: version, maxVersion: version });
      await until(() => failures.length === 1);
      t.match(failures[0], { code, remoteAddress: "127.0.0.1", explanation: /certificate/ });
      t.equal(failures[0]?.peer?.subject, subject);
      t.equal(messages, 0);
      t.not(client.ended, undefined);
    });
  }
}

t.test("where the certificate is optional, none is accepted and an unsound one is not", async (t) => {
  const { port, failures, listener, until } = await startTestListener(t, certificates, {
    clientCertificate: "optional",
  });
  const client = await connectTestClient(certificates, port, { as: null });
  await client.send(request);
  t.same(await client.read(request.length), request);
  t.equal(listener.connections()[0]?.peer, null);
  await attempt(port, { as: ofOtherAuthority });
  await until(() => failures.length === 1);
  t.equal(failures[0]?.code, "unknown-authority");
});

t.test("with no client authority given, the web's authorities are not trusted instead", async (t) => {
  const tls = { certificates: [certificates.ecServer], clientAuthorities: [] };
  const { port, failures, until } = await startTestListener(t, certificates, { tls });
  await attempt(port);
  await until(() => failures.length === 1);
  t.equal(failures[0]?.code, "unknown-authority");
  t.same(secureContextOptions(tls).ca, []);
});

t.test("a certificate on the revocation list is refused, another is served", async (t) => {
  const revoked = await issueClientCertificate({ ca, commonName: "revoked", validityDays: 1 });
  const { serial } = describeCertificate(revoked.certificatePem);
  const list = issueRevocationList({ ca, revoked: [{ serial, revokedAt: new Date() }] });
  const tls = {
    certificates: [certificates.ecServer],
    clientAuthorities: [ca.certificatePem],
    revocationLists: [list],
  };
  const { port, failures, until } = await startTestListener(t, certificates, { tls });
  await attempt(port, { as: revoked });
  await until(() => failures.length === 1);
  t.match(failures[0], { code: "certificate-revoked", peer: { subject: "CN=revoked" } });
  const client = await connectTestClient(certificates, port);
  await client.send(request);
  t.same(await client.read(request.length), request);
});

t.test("who is not authorised is refused with the reason, who is may stay", async (t) => {
  const { port, failures, until } = await startTestListener(t, certificates, {
    handler: {
      onMessage: async (_connection, message) => message,
      onUnreadable: () => null,
      authorise: async (peer, address) =>
        peer?.subject === "CN=test-client" && address === "127.0.0.1"
          ? { accept: true }
          : { accept: false, reason: "not registered" },
    },
  });
  const other = await issueClientCertificate({ ca, commonName: "unregistered", validityDays: 1 });
  await attempt(port, { as: other });
  await until(() => failures.length === 1);
  t.match(failures[0], { code: "not-authorised", detail: "not registered", peer: { subject: "CN=unregistered" } });
  const client = await connectTestClient(certificates, port);
  await client.send(request);
  t.same(await client.read(request.length), request);
});

t.test("a certificate that states no purpose is refused unless the listener is told to take it", async (t) => {
  const { privateKey } = await createKeyPair("ec-p256");
  const key = privateKeyPem(privateKey);
  const extensions = "basicConstraints=CA:FALSE\n";
  const folder = t.testdir({ "ca.pem": ca.certificatePem, "ca.key": ca.privateKeyPem, "client.key": key, extensions });
  const openssl = (command: string, input = "") =>
    execFileSync("openssl", command.split(" "), { cwd: folder, input, stdio: ["pipe", "pipe", "ignore"] }).toString();
  const signingRequest = openssl("req -new -key client.key -subj /CN=purposeless");
  const certificatePem = openssl("x509 -req -days 1 -CA ca.pem -CAkey ca.key -extfile extensions", signingRequest);
  const purposeless = { certificatePem, privateKeyPem: key };
  const strict = await startTestListener(t, certificates);
  await attempt(strict.port, { as: purposeless });
  await strict.until(() => strict.failures.length === 1);
  t.match(strict.failures[0], { code: "certificate-purpose", peer: { subject: "CN=purposeless" } });
  const lenient = await startTestListener(t, certificates, { requireClientAuthUsage: false });
  const client = await connectTestClient(certificates, lenient.port, { as: purposeless });
  await client.send(request);
  t.same(await client.read(request.length), request);
});

t.test("of a certificate out of its time the log says by how much, so that a wrong clock shows", async (t) => {
  const { privateKey } = await createKeyPair("ec-p256");
  const key = privateKeyPem(privateKey);
  const folder = t.testdir({
    "ca.pem": ca.certificatePem,
    "ca.key": ca.privateKeyPem,
    "client.key": key,
    "index.txt": "",
    serial: "0A\n",
    config:
      "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n" +
      "policy=any\nx509_extensions=client\n[any]\ncommonName=supplied\n[client]\nextendedKeyUsage=clientAuth\n",
  });
  const openssl = (command: string) =>
    execFileSync("openssl", command.split(" "), { cwd: folder, stdio: ["ignore", "pipe", "ignore"] }).toString();
  openssl("req -new -key client.key -subj /CN=untimely -out csr");
  const issue = (from: Date, until: Date): string => {
    const time = (date: Date) => `${date.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
    const dates = `-startdate ${time(from)} -enddate ${time(until)}`;
    writeFileSync(join(folder, "index.txt"), "");
    return openssl(`ca -batch -notext -config config -cert ca.pem -keyfile ca.key -in csr ${dates}`);
  };
  const hours = (count: number) => new Date(Date.now() + count * 3_600_000);
  const { port, failures, until } = await startTestListener(t, certificates);
  const show = async (certificatePem: string) => {
    const before = failures.length;
    await attempt(port, { as: { certificatePem, privateKeyPem: key } });
    await until(() => failures.length > before);
    return failures[before];
  };
  const early = await show(issue(hours(1), hours(9)));
  t.equal(early?.code, "certificate-not-yet-valid");
  t.match(early?.explanation, /clocks/);
  t.match(early?.detail, /: it is good from 20\S+Z on, 3[56]\d\d seconds ahead of this server's clock$/);
  const late = await show(issue(hours(-9), hours(-2)));
  t.equal(late?.code, "certificate-expired");
  t.match(late?.detail, /: it was good until 20\S+Z, 7[12]\d\d seconds ago by this server's clock$/);
});

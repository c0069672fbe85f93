import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect } from "node:tls";
import t from "tap";
import {
  createCertificateAuthority,
  type IssuedCertificate,
  issueClientCertificate,
  issueServerCertificate,
} from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { createKeyPair, privateKeyPem } from "#certs/keys.js";
import { issueRevocationList } from "#certs/revocation-list.js";
import type { HandshakeFailureCode } from "#src/net/handshake-diagnosis.js";
import {
  type ClientOptions,
  connectTestClient,
  makeServerCertificate,
  makeTestCertificates,
  messageOf,
  startTestListener,
  TestClient,
} from "#test/support/tls.js";

const certificates = await makeTestCertificates();
const { ca } = certificates;
const request = messageOf("a request");
const versions = ["TLSv1.2", "TLSv1.3"] as const;

const otherAuthority = await createCertificateAuthority({ commonName: "Other authority", validityDays: 1 });
const ofOtherAuthority = await issueClientCertificate({ ca: otherAuthority, commonName: "stranger", validityDays: 1 });
const expired = await issueClientCertificate({ ca, commonName: "late", validityDays: 1e-9 });

/** Connects whatever the outcome: in TLS 1.3 a client learns of its refusal only when it reads. */
async function attempt(port: number, options: ClientOptions = {}): Promise<TestClient> {
  const { as = certificates.client, ...rest } = options;
  const shown = as === null ? {} : { cert: as.certificatePem, key: as.privateKeyPem };
  const socket = connect({
    host: "127.0.0.1",
    port,
    servername: "localhost",
    ca: ca.certificatePem,
    ...shown,
    ...rest,
  });
  const client = new TestClient(socket);
  socket.write(request);
  await client.readAll();
  return client;
}

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

  t.test(`a client with a sound certificate is served in ${version}`, async (t) => {
    const { port, failures } = await startTestListener(t, certificates);
    const client = await connectTestClient(certificates, port, { minVersion: version, maxVersion: version });
    t.equal(client.socket.getProtocol(), version);
    await client.send(request);
    t.same(await client.read(request.length), request);
    t.same(failures, []);
  });

  t.test(`no session is resumed in ${version}`, async (t) => {
    const { port, listener } = await startTestListener(t, certificates);
    const first = await connectTestClient(certificates, port, { minVersion: version, maxVersion: version });
    let session = first.socket.getSession();
    first.socket.on("session", (given) => {
      session = given;
    });
    await first.send(request);
    await first.read(request.length);
    t.ok(session, "the client has something to try with");
    const again = await connectTestClient(certificates, port, { session, minVersion: version, maxVersion: version });
    t.equal(again.socket.isSessionReused(), false);
    await again.send(request);
    t.same(await again.read(request.length), request);
    t.equal(
      listener.connections().every(({ peer }) => peer?.subject === "CN=test-client"),
      true,
    );
  });
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

const oldSuites = ["AES128-SHA256", "AES256-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384"];

t.test("the suites of the KMIP 1.x profiles work in the compatible profile, which is the default", async (t) => {
  const { port } = await startTestListener(t, certificates);
  for (const suite of oldSuites) {
    const client = await connectTestClient(certificates, port, { maxVersion: "TLSv1.2", ciphers: suite });
    t.equal(client.socket.getCipher().name, suite);
    await client.send(request);
    t.same(await client.read(request.length), request);
  }
});

t.test("the modern profile refuses them, and the operator is told what to change", async (t) => {
  const tls = {
    certificates: [certificates.ecServer, certificates.rsaServer],
    clientAuthorities: [ca.certificatePem],
    profile: "modern",
  } as const;
  const { port, failures } = await startTestListener(t, certificates, { tls });
  for (const suite of oldSuites) await attempt(port, { maxVersion: "TLSv1.2", ciphers: suite });
  t.same(
    failures.map(({ code }) => code),
    oldSuites.map(() => "no-shared-cipher"),
  );
  t.match(failures[0]?.explanation, /`compatible`/);
});

t.test("clients that know only EC or only RSA certificates get the one they know", async (t) => {
  const { port } = await startTestListener(t, certificates);
  for (const [sigalgs, type] of [
    ["ECDSA+SHA256", "ec"],
    ["RSA-PSS+SHA256", "rsa"],
  ] as const) {
    // The client's own certificate is EC, so the RSA-only one must go without.
    const socket = connect({ host: "127.0.0.1", port, servername: "localhost", ca: ca.certificatePem, sigalgs });
    await once(socket, "secureConnect");
    t.equal(socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType, type);
    socket.destroy();
  }
});

t.test("TLS 1.0 and 1.1 are refused and named", async (t) => {
  const { port, failures, until } = await startTestListener(t, certificates);
  await attempt(port, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" });
  await until(() => failures.length === 1);
  t.equal(failures[0]?.code, "protocol-version");
});

t.test("a client that does not trust the server is named as such", async (t) => {
  const { port, failures, until } = await startTestListener(t, certificates);
  await attempt(port, { ca: otherAuthority.certificatePem, minVersion: "TLSv1.3" });
  await until(() => failures.length === 1);
  t.equal(failures[0]?.code, "closed-in-handshake");
  t.match(failures[0]?.explanation, /trust the server's certificate/);
});

const plainBeginnings: Record<string, { bytes: Buffer | string; code: HandshakeFailureCode }> = {
  "HTTP without TLS": { bytes: "GET /health HTTP/1.1\r\nHost: x\r\n\r\n", code: "plain-http" },
  "KMIP without TLS": { bytes: request, code: "plain-kmip" },
  "something else": { bytes: Buffer.alloc(40, 0xab), code: "not-tls" },
  "a first byte of TLS and then nonsense": {
    bytes: Buffer.concat([Buffer.of(0x16), Buffer.alloc(40, 9)]),
    code: "not-tls",
  },
};

for (const [name, { bytes, code }] of Object.entries(plainBeginnings)) {
  t.test(`a client that speaks ${name} is cut off and told apart`, async (t) => {
    const { port, failures, until } = await startTestListener(t, certificates);
    const socket = connectTcp(port, "127.0.0.1");
    socket.on("error", () => socket.destroy());
    socket.resume();
    socket.write(bytes);
    await until(() => failures.length === 1);
    t.equal(failures[0]?.code, code);
    socket.destroy();
  });
}

t.test("a client that connects and closes is counted as harmless and holds nothing", async (t) => {
  const { port, failures, listener, until } = await startTestListener(t, certificates);
  const socket = connectTcp(port, "127.0.0.1");
  await once(socket, "connect");
  socket.end();
  await until(() => failures.length === 1);
  t.equal(failures[0]?.code, "no-data");
  t.equal(listener.handshakesInProgress, 0);
});

t.test("a client that connects with TLS and closes without a request is no failure", async (t) => {
  const { port, failures, closed, until } = await startTestListener(t, certificates);
  const client = await connectTestClient(certificates, port);
  client.socket.end();
  await until(() => closed.length === 1);
  t.same(closed, ["closed by the client"]);
  t.same(failures, []);
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

t.test("settings that cannot work are refused before anything listens", async (t) => {
  const other = await makeServerCertificate(ca, "ec-p256");
  const start = (pair: IssuedCertificate[]) =>
    startTestListener(t, certificates, { tls: { certificates: pair, clientAuthorities: [ca.certificatePem] } });
  const name = "TlsSettingsError";
  await t.rejects(start([]), { name, message: /no server certificate/ });
  await t.rejects(start([{ ...other, privateKeyPem: certificates.ecServer.privateKeyPem }]), {
    name,
    message: /belong/,
  });
  await t.rejects(start([{ ...other, certificatePem: "nonsense" }]), { name, message: /cannot be read/ });
});

t.test("a server certificate that has names for the client verifies in the client", async (t) => {
  const { publicKey, privateKey } = await createKeyPair("ec-p256");
  const names = ["kmip.test"];
  const certificatePem = issueServerCertificate({ ca, publicKey, names, commonName: "kmip.test", validityDays: 1 });
  const pair = { certificatePem, privateKeyPem: privateKeyPem(privateKey) };
  const { port } = await startTestListener(t, certificates, {
    tls: { certificates: [pair], clientAuthorities: [ca.certificatePem] },
  });
  await t.resolves(connectTestClient(certificates, port, { servername: "kmip.test" }));
  await t.rejects(connectTestClient(certificates, port, { servername: "localhost" }));
});

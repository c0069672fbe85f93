import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect } from "node:tls";
import { promisify } from "node:util";
import t from "tap";
import {
  createCertificateAuthority,
  type IssuedCertificate,
  issueClientCertificate,
  issueServerCertificate,
} from "#certs/certificates.js";
import { createKeyPair, privateKeyPem } from "#certs/keys.js";
import type { HandshakeFailureCode } from "#src/net/handshake-diagnosis.js";
import {
  attemptTestClient,
  type ClientOptions,
  connectTestClient,
  makeServerCertificate,
  makeTestCertificates,
  messageOf,
  startTestListener,
} from "#test/support/tls.js";

const certificates = await makeTestCertificates();
const { ca } = certificates;
const request = messageOf("a request");
const versions = ["TLSv1.2", "TLSv1.3"] as const;

const otherAuthority = await createCertificateAuthority({ commonName: "Other authority", validityDays: 1 });
const _ofOtherAuthority = await issueClientCertificate({ ca: otherAuthority, commonName: "stranger", validityDays: 1 });
const _expired = await issueClientCertificate({ ca, commonName: "late", validityDays: 1e-9 });

const attempt = (port: number, options?: ClientOptions) => attemptTestClient(certificates, port, request, options);

for (const version of versions) {
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

t.test("a client cannot renegotiate in TLS 1.2", async (t) => {
  const { port } = await startTestListener(t, certificates);
  const client = await connectTestClient(certificates, port, { maxVersion: "TLSv1.2" });
  client.socket.renegotiate({ rejectUnauthorized: true }, () => t.fail("the renegotiation went through"));
  await client.readAll();
  t.match(client.ended, /NO_RENEGOTIATION/);
});

const python = "/usr/bin/python3";
const pykmipMissing = spawnSync(python, ["-c", "import kmip"]).status !== 0 && "python3-pykmip is not installed";
const pykmip = `
import sys
from kmip.services.kmip_client import KMIPProxy
port, key, certificate, ca, message = sys.argv[1:]
proxy = KMIPProxy(host="localhost", port=int(port), keyfile=key, certfile=certificate, ca_certs=ca,
    cert_reqs="CERT_REQUIRED", ssl_version="PROTOCOL_SSLv23")
proxy.open()
proxy.protocol.write(bytes.fromhex(message))
print(proxy.socket.version(), bytes(proxy.protocol.read().buffer).hex())
proxy.close()
`;

t.test("PyKMIP connects with the issued certificates and ends as it does", { skip: pykmipMissing }, async (t) => {
  const { client } = certificates;
  const folder = t.testdir({
    "client.key": client.privateKeyPem,
    "client.crt": client.certificatePem,
    "ca.crt": ca.certificatePem,
  });
  const { port, failures, closed, until } = await startTestListener(t, certificates, { host: "localhost" });
  const files = ["client.key", "client.crt", "ca.crt"];
  const { stdout } = await promisify(execFile)(
    python,
    ["-W", "ignore", "-c", pykmip, String(port), ...files, request.toString("hex")],
    { cwd: folder },
  );
  t.match(stdout, /^TLSv1\.3 /);
  t.match(stdout, request.toString("hex"));
  await until(() => closed.length === 1);
  t.same(closed, ["closed by the client"]);
  t.same(failures, []);
});

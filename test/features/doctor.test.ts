import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import t from "tap";
import { createCertificateAuthority, issueClientCertificate, issueServerCertificate } from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { createKeyPair, privateKeyPem } from "#certs/keys.js";
import { examine } from "#src/doctor/examine.js";
import type { Finding, StepName } from "#src/doctor/finding.js";
import type { Target } from "#src/doctor/target.js";
import { openssl } from "#test/support/certificate-requests.js";
import type { ClientIdentity } from "#test/support/kmip-client.js";
import { clientFolder, freePort, readIdentity, runKeyreeve, startTestServer } from "#test/support/server.js";
import { makeTestCertificates } from "#test/support/tls.js";

t.setTimeout(550_000);

const server = await startTestServer();
t.teardown(() => server.stop());
const folder = clientFolder(server.home);
const demo = readIdentity(folder);
const certificates = await makeTestCertificates();

interface Teardown {
  teardown(done: () => void): void;
}

/** What each step came to, by its name. */
type Examination = Readonly<Record<StepName, Finding>>;

async function examined(
  target: Partial<Target> & { readonly port: number },
  clock?: () => number,
): Promise<Examination> {
  const whole = { host: "localhost", milliseconds: 10_000, ...target };
  const findings = await examine(whole, () => undefined, clock);
  return Object.fromEntries(findings.map((finding) => [finding.step, finding])) as Examination;
}

const asClient = ({ certificate, key, authority }: ClientIdentity): Partial<Target> => ({
  authority,
  ...(certificate !== undefined && { certificate }),
  ...(key !== undefined && { key }),
});

const outcomes = (found: Examination): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.values(found).map(({ step, outcome }) => [step, outcome]));

async function listening(t: Teardown, made: Server): Promise<number> {
  made.listen(0, "127.0.0.1");
  await once(made, "listening");
  t.teardown(() => made.close());
  return (made.address() as AddressInfo).port;
}

/** Another KMIP server's door: TLS that says no itself, as most do. */
function strict(t: Teardown, options: TlsOptions = {}): Promise<number> {
  const { certificatePem: cert, privateKeyPem: key } = certificates.rsaServer;
  const made = createTlsServer({
    cert,
    key,
    ca: certificates.ca.certificatePem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.3",
    ...options,
  });
  made.on("tlsClientError", () => undefined);
  made.on("secureConnection", (socket) => socket.on("error", () => socket.destroy()));
  return listening(t, made);
}

const logged = (words: RegExp): Promise<string> => lineOf(words, 200);

async function lineOf(words: RegExp, tries: number): Promise<string> {
  const line = server
    .output()
    .split("\n")
    .reverse()
    .find((each) => words.test(each));
  if (line !== undefined || tries === 0) return line ?? server.output();
  await new Promise((resolve) => setTimeout(resolve, 25));
  return lineOf(words, tries - 1);
}

t.test("a connection that is well passes every step, as text and as JSON", async (t) => {
  const place = `localhost:${server.kmipPort}`;
  const text = await runKeyreeve("/nonexistent", ["doctor", place, "--identity", folder]);
  t.equal(text.code, 0, text.stdout + text.stderr);
  t.match(text.stdout, /ok +name +localhost is /);
  t.match(
    text.stdout,
    /ok +tls versions +TLSv1\.3 \(TLS_AES_256_GCM_SHA384 .*TLSv1\.2 \(ECDHE-ECDSA-AES256-GCM-SHA384/,
  );
  t.match(text.stdout, /ok +kmip +KMIP 2\.1, Keyreeve, \d+ operations; .*CN=demo-client/);
  t.match(text.stdout, /ok +clock +the clocks of both machines agree/);
  const json = await runKeyreeve("/nonexistent", ["doctor", place, "--identity", folder, "--json"]);
  t.match(JSON.parse(json.stdout), { host: "localhost", port: server.kmipPort, ok: true });
  t.equal(JSON.parse(json.stdout).findings.length, 9);
});

t.test("without a client's files it goes as far as it can, and says who was refused", async (t) => {
  const found = await examined({ port: server.kmipPort });
  t.match(outcomes(found), {
    "tls versions": "ok",
    "server certificate": "skipped",
    "client certificate": "skipped",
    admission: "failed",
    kmip: "skipped",
  });
  t.match(found.admission.found, /client without a certificate/);
  t.match(await logged(/"code":"no-client-certificate"/), /The client sent no certificate/);
});

t.test("a name, a port and a service that are not there are told apart", async (t) => {
  const unnamed = await examined({ host: "no-such-host.invalid", port: 5696 });
  t.match(unnamed.name, { outcome: "failed", found: /not known on this machine/ });
  t.equal(unnamed.kmip.outcome, "skipped");
  const closed = await examined({ port: await freePort() });
  t.match(closed.connection, { outcome: "failed", found: /nothing listens on the port/ });
  const { code, stdout } = await runKeyreeve("/nonexistent", ["doctor", `localhost:${await freePort()}`]);
  t.equal(code, 1);
  t.match(stdout, /FAILED +connection .*nothing listens/);
});

t.test("plain text on a TLS port, and TLS on a port for plain text", async (t) => {
  const plain = createTcpServer((socket) => socket.on("error", () => undefined).end("SSH-2.0-OpenSSH_9.2\r\n"));
  const found = await examined({ port: await listening(t, plain) });
  t.match(found.tls, { outcome: "failed", found: /does not speak TLS/ });
  const silent = createTcpServer((socket) => socket.on("error", () => undefined));
  const quiet = await examined({ port: await listening(t, silent), milliseconds: 300 });
  t.match(quiet.tls, { outcome: "failed", found: /does not answer a TLS handshake/ });
});

t.test("old TLS is found out", async (t) => {
  const port = await strict(t, {
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "ALL:@SECLEVEL=0",
    requestCert: false,
  });
  const found = await examined({ port });
  t.match(found.tls, { outcome: "ok", found: /^TLSv1\.1 with / });
  t.match(found["tls versions"], { outcome: "failed", found: /speaks only old TLS: TLSv1\.1 \(.*; TLSv1 \(/ });
});

t.test("a server certificate with another name, of another CA, expired or not valid yet is told as such", async (t) => {
  const { ca } = certificates;
  const client = asClient({
    certificate: certificates.client.certificatePem,
    key: certificates.client.privateKeyPem,
    authority: ca.certificatePem,
  });
  const { publicKey, privateKey } = await createKeyPair("ec-p256");
  const issue = (names: readonly string[], validityDays: number) => ({
    cert: issueServerCertificate({ ca, publicKey, names, commonName: "server", validityDays }),
    key: privateKeyPem(privateKey),
  });
  const judged = async (options: TlsOptions, more: Partial<Target> = {}, clock?: () => number) =>
    (await examined({ port: await strict(t, options), milliseconds: 1000, ...client, ...more }, clock))[
      "server certificate"
    ];
  t.match(await judged(issue(["other.test"], 1)), {
    outcome: "failed",
    found: /does not hold the name localhost, but DNS:other\.test/,
    advice: /server\.names/,
  });
  t.match(await judged(issue(["other.test"], 1), { serverName: "other.test" }), { outcome: "ok" });
  const another = await createCertificateAuthority({ commonName: "Another", validityDays: 1 });
  t.match(await judged({}, { authority: another.certificatePem }), {
    outcome: "failed",
    found: /the CA given does not vouch for it/,
  });
  const day = 86_400_000;
  t.match(await judged({}, {}, () => Date.now() + 3 * day), {
    outcome: "failed",
    found: /has expired \d+ (hours|days) ago/,
  });
  t.match(await judged({}, {}, () => Date.now() - 3 * day), {
    outcome: "failed",
    found: /valid only from 3 days ahead of this machine's clock/,
    advice: /NTP/,
  });
});

/** A certificate of the tests' authority as openssl makes it from these extensions. */
async function unusual(extensions: string, ...more: readonly string[]): Promise<ClientIdentity> {
  const files = { "ca.crt": certificates.ca.certificatePem, "ca.key": certificates.ca.privateKeyPem, extensions };
  const key = (await openssl(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])).toString();
  const csr = await openssl(["req", "-new", "-key", "@key", "-subj", "/CN=unusual", "-out", "@out"], { key });
  const certificate = await openssl(
    [
      "x509",
      "-req",
      "-in",
      "@csr",
      "-CA",
      "@ca.crt",
      "-CAkey",
      "@ca.key",
      "-set_serial",
      "9",
      "-extfile",
      "@extensions",
    ].concat(more.length === 0 ? ["-days", "1"] : [...more], ["-out", "@out"]),
    { ...files, csr },
  );
  return { certificate: certificate.toString(), key, authority: certificates.ca.certificatePem };
}

t.test("a client's files that are no good are told before and after any server sees them", async (t) => {
  const port = await strict(t);
  const judged = async (identity: Partial<ClientIdentity>, clock?: () => number) =>
    examined({ port, ...asClient({ authority: certificates.ca.certificatePem, ...identity }) }, clock);
  const { certificatePem: certificate, privateKeyPem: key } = certificates.client;
  const other = await issueClientCertificate({ ca: certificates.ca, commonName: "other", validityDays: 1 });

  const misfit = await judged({ certificate, key: other.privateKeyPem });
  t.match(misfit["client certificate"], { outcome: "failed", found: /private key is that of another certificate/ });
  const keyless = await judged({ certificate });
  t.match(keyless["client certificate"], { outcome: "failed", found: /no private key/ });
  const garbage = await judged({ certificate: "nonsense", key });
  t.match(garbage["client certificate"], { outcome: "failed", found: /cannot be read/ });

  const purpose = await judged(await unusual("extendedKeyUsage=serverAuth\n"));
  t.match(purpose["client certificate"], { outcome: "failed", found: /does not hold clientAuth/ });
  t.equal(purpose.admission.outcome, "failed");

  const late = await judged({ certificate, key }, () => Date.now() + 2 * 86_400_000);
  t.match(late["client certificate"], { outcome: "failed", found: /has expired \d+ (hours|days) ago/ });
  const early = await judged({ certificate, key }, () => Date.now() - 3 * 3_600_000);
  t.match(early["client certificate"], { outcome: "failed", found: /valid only from 3 hours ahead/ });

  const stranger = await createCertificateAuthority({ commonName: "Stranger", validityDays: 1 });
  const ofStranger = await issueClientCertificate({ ca: stranger, commonName: "stranger", validityDays: 1 });
  const refused = await judged({ certificate: ofStranger.certificatePem, key: ofStranger.privateKeyPem });
  t.match(refused["client certificate"], { outcome: "ok", found: /issued by CN=Stranger, which is not the CA given/ });
  t.equal(refused.admission.outcome, "failed");
  const nobody = await judged({});
  t.equal(nobody.admission.outcome, "failed");
});

t.test("what this server does not admit, its log explains in the same words", async (t) => {
  const stranger = await createCertificateAuthority({ commonName: "Stranger", validityDays: 1 });
  const ofStranger = await issueClientCertificate({ ca: stranger, commonName: "stranger", validityDays: 1 });
  const found = await examined({
    port: server.kmipPort,
    authority: demo.authority,
    certificate: ofStranger.certificatePem,
    key: ofStranger.privateKeyPem,
  });
  t.match(found.admission, { outcome: "failed", found: /does not admit this client/, advice: /log says why/ });
  const { fingerprint256 } = describeCertificate(ofStranger.certificatePem);
  t.match(
    await logged(/"code":"waiting-for-acceptance"/),
    new RegExp(`${fingerprint256}.*keyreeve client accept FINGERPRINT`),
  );
});

t.test(
  "a suspended tenant and a revoked client are answered over KMIP, and told with the server's own words",
  async (t) => {
    const target = { port: server.kmipPort, ...asClient(demo) };
    await server.administration.suspendTenant("demo");
    const suspended = await examined(target);
    await server.administration.resumeTenant("demo");
    t.match(suspended.kmip, { outcome: "failed", found: /refuses: the tenant is suspended/ });
    t.match(
      await logged(/the tenant is suspended/),
      /"tenant":"demo","client":"demo-client".*"detail":"the tenant is suspended".*a message was refused/,
    );
    const gone = await server.administration.issueClient("demo", "gone");
    await server.administration.revokeClient("demo", "gone");
    const revoked = await examined({ port: server.kmipPort, ...asClient(readIdentity(gone)) });
    t.match(revoked.kmip, { outcome: "failed", found: /refuses: the (certificate|client) is revoked/ });
    t.match(await logged(/is revoked/), /"tenant":"demo","client":"gone".*"detail":"the certificate is revoked"/);
  },
);

const python = "/usr/bin/python3";
const pykmipMissing = spawnSync(python, ["-c", "import kmip"]).status !== 0 && "python3-pykmip is not installed";
const pykmipServer = `
import sys
from kmip.services.server import KmipServer
with KmipServer(config_path=sys.argv[1] + "/server.conf", log_path=sys.argv[1] + "/server.log") as server:
    server._socket.listen(5)
    print("serving", flush=True)
    server.serve()
`;

t.test("another KMIP server, that of PyKMIP, passes every step", { skip: pykmipMissing }, async (t) => {
  const port = await freePort();
  const { ca, client, rsaServer } = certificates;
  const files = t.testdir({
    policies: {},
    "ca.crt": ca.certificatePem,
    "server.crt": rsaServer.certificatePem,
    "server.key": rsaServer.privateKeyPem,
  });
  const settings = ["[server]", "hostname=127.0.0.1", `port=${port}`, `certificate_path=${files}/server.crt`]
    .concat(`key_path=${files}/server.key`, `ca_path=${files}/ca.crt`, `policy_path=${files}/policies`)
    .concat("auth_suite=TLS1.2", "enable_tls_client_auth=True", `database_path=${files}/pykmip.db`);
  writeFileSync(join(files, "server.conf"), `${settings.join("\n")}\n`);
  // A group of its own: the server has a process beside it that would outlive it.
  const program = spawn(python, ["-W", "ignore", "-c", pykmipServer, files], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  const { pid } = program;
  if (pid === undefined) throw new Error("PyKMIP's server did not start");
  const ended = once(program, "close");
  t.teardown(async () => {
    process.kill(-pid, "SIGKILL");
    await ended;
  });
  await once(program.stdout, "data");
  const identity = { certificate: client.certificatePem, key: client.privateKeyPem, authority: ca.certificatePem };
  const found = await examined({ host: "127.0.0.1", port, ...asClient(identity) });
  t.strictSame(new Set(Object.values(outcomes(found))), new Set(["ok"]));
  t.match(found.kmip.found, /^KMIP 2\.0, PyKMIP .* Software Server, \d+ operations; .*CN=test-client$/);
});

t.test("clocks that differ are told by how much", async (t) => {
  const target = { port: server.kmipPort, ...asClient(demo) };
  const behind = await examined(target, () => Date.now() - 240_000);
  t.match(behind.clock, {
    outcome: "failed",
    found: /server's clock is (4 minutes|2[34]\d seconds) ahead of this machine's/,
  });
});

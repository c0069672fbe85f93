import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ConnectionOptions, connect } from "node:tls";
import t from "tap";
import { describeCertificate } from "#certs/describe.js";
import { V2_1 } from "#protocol/versions.js";
import { localActor } from "#src/administration/audit-record.js";
import { LocalAdministration } from "#src/administration/local-administration.js";
import { startWithAdmin } from "#test/support/admin.js";
import { curvePair, derRequest, keyPem, openssl, pemRequest } from "#test/support/certificate-requests.js";
import { actionsOf } from "#test/support/kmip-actions.js";
import { type ClientIdentity, KmipClient } from "#test/support/kmip-client.js";
import { readIdentity } from "#test/support/server.js";

t.setTimeout(550_000);

const server = await startWithAdmin();
t.teardown(() => server.end());
const { kmipPort, runtime } = server;
const administration = new LocalAdministration(runtime, localActor, null);
const { firstContact } = administration;
const authority = runtime.authorities.clients.certificatePem;
const tenant = "demo";

async function isServed(identity: ClientIdentity): Promise<boolean> {
  try {
    const client = await KmipClient.connect({ port: kmipPort, identity });
    await actionsOf(client, V2_1).create();
    await client.close();
    return true;
  } catch {
    return false;
  }
}

/** Whether openssl gets through the handshake and is not cut off behind it. */
async function opensslConnects(words: readonly string[]): Promise<boolean> {
  const args = ["s_client", "-connect", `127.0.0.1:${kmipPort}`, "-verify_return_error", "-brief", ...words];
  const child = spawn("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  child.stderr.on("data", (chunk: Buffer) => {
    told += chunk.toString("utf8");
  });
  const [code] = await once(child, "close");
  return code === 0 && /CONNECTION ESTABLISHED/.test(told);
}

async function nodeConnects(options: ConnectionOptions): Promise<boolean> {
  const socket = connect({ port: kmipPort, host: "127.0.0.1", servername: "localhost", ca: authority, ...options });
  await once(socket, "secureConnect");
  const wasCut = await Promise.race([
    once(socket, "close").then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300)),
  ]);
  socket.destroy();
  return !wasCut;
}

const factsOf = (folder: string) => describeCertificate(readFileSync(join(folder, "client.crt"), "utf8"));

t.test("a client is issued every file that a product may want, for the owner alone", async (t) => {
  const { folder } = await administration.issueClient({
    tenant,
    name: "all-files",
    key: "rsa-2048",
    dns: ["array.example"],
    email: ["kmip@bank.example"],
    ip: ["10.0.0.7", "2001:db8::7"],
    pkcs12: {},
  });
  t.same(readdirSync(folder).sort(), [
    "README.txt",
    "ca.crt",
    "chain.crt",
    "client.crt",
    "client.key",
    "client.p12",
    "client.p12.password",
    "client.pem",
    "pykmip.conf",
  ]);
  for (const name of readdirSync(folder)) t.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  t.equal(statSync(folder).mode & 0o777, 0o700);
  t.match(factsOf(folder), {
    keyType: "RSA 2048",
    subject: "CN=all-files,O=demo",
    subjectAlternativeNames: ["DNS:array.example", "IP Address:10.0.0.7", /2001:DB8/i, "email:kmip@bank.example"],
  });
  t.match(readFileSync(join(folder, "README.txt"), "utf8"), /client\.p12 .*PKCS#12/);
  t.equal(await isServed(readIdentity(folder)), true);
  const file = (name: string): string => join(folder, name);
  t.ok(await opensslConnects(["-cert", file("client.pem"), "-key", file("client.pem"), "-CAfile", file("ca.crt")]));
  const passphrase = readFileSync(file("client.p12.password"), "utf8").trim();
  t.ok(await nodeConnects({ pfx: readFileSync(file("client.p12")), passphrase }));
  t.ok(
    await opensslConnects([
      "-cert",
      file("client.p12"),
      "-key",
      file("client.p12"),
      "-pass",
      `file:${file("client.p12.password")}`,
      "-CAfile",
      file("ca.crt"),
    ]),
  );
  t.equal(
    execFileSync("openssl", ["verify", "-CAfile", file("ca.crt"), file("chain.crt")])
      .toString()
      .trim(),
    `${file("chain.crt")}: OK`,
  );
});

const python = "/usr/bin/python3";
const isInstalled = spawnSync(python, ["-c", "import kmip"]).status === 0;
const skip = isInstalled ? false : "PYKMIP IS NOT INSTALLED (apt-get install python3-pykmip): THIS TEST DID NOT RUN";

t.test("PyKMIP connects with the files of an RSA client", { skip }, async (t) => {
  const configuration = join(runtime.configuration.home, "clients/demo/all-files/pykmip.conf");
  const program = [
    "import sys",
    "from kmip import enums",
    "from kmip.pie.client import ProxyKmipClient",
    `client = ProxyKmipClient(config="client", config_file="${configuration}", hostname="127.0.0.1")`,
    "client.open()",
    "print(client.create(enums.CryptographicAlgorithm.AES, 256))",
  ].join("\n");
  const child = spawn(python, ["-c", program]);
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString("utf8");
  });
  await once(child, "close");
  t.match(printed, /^[0-9a-f-]{36}\n$/);
});

t.test("old appliances get a container of triple DES, others one that needs no old algorithm", async (t) => {
  const wishes = { tenant, pkcs12: { password: "old and known", legacy: true } };
  const old = await administration.issueClient({ ...wishes, name: "old-array" });
  const container = readFileSync(join(old.folder, "client.p12"));
  t.notOk(existsSync(join(old.folder, "client.p12.password")));
  const read = ["pkcs12", "-in", "@p12", "-passin", "pass:old and known", "-info", "-noenc"];
  t.match((await openssl(["pkcs12", "-legacy", ...read.slice(1)], { p12: container })).toString(), /PRIVATE KEY/);
  const { stderr } = spawnSync(
    "openssl",
    ["pkcs12", "-in", join(old.folder, "client.p12"), "-info", "-noout", "-passin", "pass:old and known", "-legacy"],
    { encoding: "utf8" },
  );
  t.match(stderr, /MAC: sha1[\s\S]*pbeWithSHA1And3-KeyTripleDES-CBC/);
  const fresh = await administration.issueClient({ tenant, name: "new-array", pkcs12: { password: "old and known" } });
  const modern = readFileSync(join(fresh.folder, "client.p12"));
  t.match((await openssl(read, { p12: modern })).toString(), /PRIVATE KEY/);
  await t.rejects(openssl(["pkcs12", "-in", "@p12", "-passin", "pass:wrong", "-noenc"], { p12: modern }));
});

t.test("a private key is encrypted on request, and stands nowhere in the clear", async (t) => {
  const { folder } = await administration.issueClient({ tenant, name: "sealed", keyPassword: "pass phrase" });
  t.notOk(existsSync(join(folder, "pykmip.conf")));
  for (const name of ["client.key", "client.pem"]) {
    t.match(readFileSync(join(folder, name), "utf8"), /BEGIN ENCRYPTED PRIVATE KEY/, name);
  }
  const { certificate = "", key = "" } = readIdentity(folder);
  t.ok(await nodeConnects({ cert: certificate, key, passphrase: "pass phrase" }));
  await t.rejects(administration.issueClient({ tenant, name: "short", keyPassword: "abc" }), /4 to 255/);
  await t.rejects(administration.issueClient({ tenant, name: "host", dns: ["not a host"] }), /neither a DNS name/);
  await t.rejects(administration.issueClient({ tenant, name: "mail", email: ["nobody"] }), /no e-mail address/);
});

t.test(
  "a renewed client has its files replaced, and both certificates are good until the old one is revoked",
  async (t) => {
    const first = await administration.issueClient({ tenant, name: "renewed", pkcs12: {} });
    const before = readIdentity(first.folder);
    const again = await firstContact.renew({ tenant, name: "renewed", days: 30 });
    t.equal(again.folder, first.folder);
    t.equal(again.certificates.length, 2);
    const after = readIdentity(first.folder);
    t.not(after.certificate, before.certificate);
    t.ok(new X509Certificate(String(after.certificate)).checkPrivateKey(createPrivateKey(String(after.key))));
    t.equal(readFileSync(join(first.folder, "previous/client.crt"), "utf8"), before.certificate);
    t.notOk(existsSync(join(first.folder, "client.p12")), "a container of the earlier certificate is not left behind");
    t.same([await isServed(before), await isServed(after)], [true, true]);
    await firstContact.renew({ tenant, name: "renewed", revokeOld: true });
    t.same(
      [await isServed(before), await isServed(after), await isServed(readIdentity(first.folder))],
      [false, false, true],
    );
    await administration.revokeClient({ tenant, name: "renewed" });
    await t.rejects(firstContact.renew({ tenant, name: "renewed" }), { code: "wrong-state" });
    await t.rejects(firstContact.renew({ tenant, name: "nobody" }), { code: "not-found" });
  },
);

t.test("an appliance's certificate request is signed, and the appliance connects", async (t) => {
  const pair = curvePair();
  const extensions = [
    "subjectAltName=DNS:nas.example,IP:10.1.1.1,email:a@b.example,otherName:1.2.3.4;UTF8:x",
    "keyUsage=keyAgreement",
  ];
  const request = (await pemRequest(pair, "/C=DE/O=Maker/CN=nas-1", extensions)).toString();
  const signed = await firstContact.sign({ tenant, request });
  t.match(signed, { name: "nas-1", tenant, state: "active" });
  t.same(readdirSync(signed.folder).sort(), ["README.txt", "ca.crt", "chain.crt", "client.crt"]);
  t.match(factsOf(signed.folder), {
    subject: "CN=nas-1,O=demo",
    extendedKeyUsages: ["clientAuth"],
    subjectAlternativeNames: ["DNS:nas.example", "IP Address:10.1.1.1", "email:a@b.example"],
  });
  const certificate = readFileSync(join(signed.folder, "client.crt"), "utf8");
  t.ok(await isServed({ certificate, key: keyPem(pair), authority }));

  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const der = await derRequest(rsa, "/C=DE/O=Maker/CN=ignored");
  const kept = await firstContact.sign({ tenant, name: "nas-2", request: der.toString("base64"), keepSubject: true });
  t.equal(factsOf(kept.folder).subject, "CN=ignored,O=Maker,C=DE");
  const other = readFileSync(join(kept.folder, "client.crt"), "utf8");
  t.ok(await isServed({ certificate: other, key: keyPem(rsa), authority }));

  const next = await firstContact.renew({ tenant, name: "nas-1", request });
  t.equal(next.certificates.length, 2);
  t.notOk(existsSync(join(next.folder, "client.key")), "the key never leaves the appliance");
});

t.test("requests that prove nothing, are weak or are none are refused in words", async (t) => {
  const sign = (request: string, name = "hostile") => firstContact.sign({ tenant, name, request });
  const good = await derRequest(curvePair(), "/CN=hostile");
  const altered = Buffer.from(good);
  altered.writeUInt8((altered.at(-1) ?? 0) ^ 1, altered.length - 1);
  await t.rejects(sign(altered.toString("base64")), /cannot be signed: The request is not signed/);
  await t.rejects(sign(good.subarray(0, 60).toString("base64")), /cannot be signed/);
  await t.rejects(
    sign("-----BEGIN CERTIFICATE REQUEST-----\n!!\n-----END CERTIFICATE REQUEST-----"),
    /cannot be signed/,
  );
  await t.rejects(sign(Buffer.alloc(70_000, 0x30).toString("base64")), /too long/);
  await t.rejects(sign(""), /cannot be signed/);
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  await t.rejects(sign((await pemRequest(weak, "/CN=hostile")).toString()), /RSA keys of 2048 bits and more/);
  const ca = await pemRequest(curvePair(), "/CN=hostile", ["basicConstraints=CA:TRUE"]);
  await t.rejects(sign(ca.toString()), /certificate of an authority/);
  const odd = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  await t.rejects(sign((await pemRequest(odd, "/CN=hostile")).toString()), /P-256, P-384, P-521/);
  const nameless = (await pemRequest(curvePair(), "/O=Bank")).toString();
  await t.rejects(firstContact.sign({ tenant, request: nameless }), /no CN/);
  await t.rejects(sign((await pemRequest(curvePair(), "/CN=x")).toString(), "sealed"), { code: "exists" });
  t.notOk(existsSync(join(runtime.configuration.home, "clients/demo/hostile")), "nothing is left behind");
});

import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { CertificateError } from "#certs/errors.js";
import { writePkcs12 } from "#certs/pkcs12.js";
import { derivePkcs12Key, pkcs12Password } from "#certs/pkcs12-keys.js";
import { readPkcs12 } from "#certs/pkcs12-reading.js";

const folder = mkdtempSync(join(tmpdir(), "keyreeve-pkcs12-"));
t.teardown(() => rmSync(folder, { recursive: true }));

function openssl(...args: readonly string[]): Buffer {
  return execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
}

/** A key with a certificate of its own signature, in files. */
function identity(name: string, curve: string): { readonly privateKey: Buffer; readonly certificate: Buffer } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: curve });
  writeFileSync(join(folder, `${name}.key`), privateKey.export({ type: "pkcs8", format: "pem" }));
  openssl("req", "-x509", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.pem`);
  const certificate = new X509Certificate(readFileSync(join(folder, `${name}.pem`))).raw;
  return { privateKey: privateKey.export({ type: "pkcs8", format: "der" }), certificate };
}

const own = identity("own", "P-256");
const issuer = identity("issuer", "P-384");
const certificates = [own.certificate, issuer.certificate];

t.test("the key derivation gives what is published for it", async (t) => {
  const password = pkcs12Password("smeg");
  const salt = Buffer.from("0a58cf64530d823f", "hex");
  const common = { hash: "sha1", salt, iterations: 1 } as const;
  const key = await derivePkcs12Key(password, { ...common, purpose: 1, length: 24 });
  t.equal(key.toString("hex"), "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3");
  const vector = await derivePkcs12Key(password, { ...common, purpose: 2, length: 8 });
  t.equal(vector.toString("hex"), "79993dfe048d3b76");
});

t.test("what is written is read again, and by OpenSSL", async (t) => {
  const container = await writePkcs12({ privateKey: own.privateKey, certificates, friendlyName: "alias" }, "pässword");
  const read = await readPkcs12(container, "pässword");
  t.same(read, { privateKey: own.privateKey, certificates, friendlyName: "alias" });
  writeFileSync(join(folder, "written.p12"), await writePkcs12(read, "password"));
  const text = openssl("pkcs12", "-in", "written.p12", "-passin", "pass:password", "-nodes").toString();
  t.match(text, /friendlyName: alias/);
  const key = createPrivateKey(text.slice(text.indexOf("-----BEGIN PRIVATE KEY")));
  t.same(key.export({ type: "pkcs8", format: "der" }), own.privateKey);
  t.equal(text.split("BEGIN CERTIFICATE").length, 3);
});

t.test("what OpenSSL writes is read, in the modern encryption and in triple DES", async (t) => {
  const modern = ["-macalg", "sha256"];
  const tripleDes = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"];
  for (const options of [modern, tripleDes]) {
    const files = ["-inkey", "own.key", "-in", "own.pem", "-certfile", "issuer.pem", "-name", "theirs"];
    openssl("pkcs12", "-export", ...files, "-passout", "pass:password", "-out", "theirs.p12", ...options);
    const read = await readPkcs12(readFileSync(join(folder, "theirs.p12")), "password");
    t.equal(read.friendlyName, "theirs");
    t.same(read.certificates, certificates);
    t.same(
      createPrivateKey({ key: read.privateKey ?? own.privateKey, format: "der", type: "pkcs8" }).asymmetricKeyType,
      "ec",
    );
  }
});

t.test("a wrong password, an altered container and another friendly name are refused", async (t) => {
  const container = await writePkcs12({ privateKey: own.privateKey, certificates, friendlyName: "alias" }, "password");
  await t.rejects(readPkcs12(container, "Password"), CertificateError);
  for (const place of [0, 40, container.length >> 1, container.length - 1]) {
    const altered = Buffer.from(container);
    altered[place] = (altered[place] ?? 0) ^ 0x10;
    await t.rejects(readPkcs12(altered, "password"), CertificateError);
  }
  await t.rejects(readPkcs12(container.subarray(0, 100), "password"), CertificateError);
  await t.rejects(readPkcs12(container, "password", "another"), CertificateError);
  t.equal((await readPkcs12(container, "password", "ALIAS")).certificates.length, 2);
});

t.test("the rounds that a container may take are limited in all, not one by one", async (t) => {
  const tripleDes = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"];
  const exported = (rounds: number): Buffer => {
    const files = ["-inkey", "own.key", "-in", "own.pem", "-passout", "pass:password", "-out", "rounds.p12"];
    openssl("pkcs12", "-export", ...files, ...tripleDes, "-iter", String(rounds));
    return readFileSync(join(folder, "rounds.p12"));
  };
  t.ok((await readPkcs12(exported(2_000), "password")).privateKey);
  await t.rejects(readPkcs12(exported(60_000), "password"), CertificateError);
});

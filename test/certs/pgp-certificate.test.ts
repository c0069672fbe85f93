import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { CertificateError } from "#certs/errors.js";
import { pgpFacts } from "#certs/pgp-certificate.js";

function packet(type: number, body: Buffer): Buffer {
  const length = body.length < 192 ? Buffer.of(body.length) : Buffer.of(255, 0, 0, body.length >> 8, body.length & 255);
  return Buffer.concat([Buffer.of(0xc0 | type), length, body]);
}

const keyId = Buffer.from("0123456789abcdef", "hex");
const key = Buffer.concat([
  Buffer.of(4, 0, 0, 0, 1, 1, 0x08, 0x00),
  Buffer.alloc(256, 0x80),
  Buffer.of(0, 17, 1, 0, 1),
]);
const signature = Buffer.concat([Buffer.of(4, 0x13, 1, 8, 0, 0, 0, 10, 9, 16), keyId, Buffer.of(0, 0)]);
const made = Buffer.concat([packet(6, key), packet(13, Buffer.from("Alice <a@bank.example>")), packet(2, signature)]);

t.test("the first user, the signing key and the algorithms are told", async (t) => {
  t.same(pgpFacts(made), {
    userId: "Alice <a@bank.example>",
    issuerKeyId: "0123456789ABCDEF",
    publicKeyAlgorithm: 1,
    publicKeyBits: 2048,
    signatureAlgorithm: 1,
    hashAlgorithm: 8,
  });
});

t.test("a certificate that GnuPG exports is read", { skip: !hasGnuPg() && "needs gpg" }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), "gpg-"));
  const gpg = (...args: string[]): Buffer =>
    execFileSync("gpg", ["--homedir", home, "--batch", "--quiet", ...args], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    gpg("--passphrase", "", "--quick-generate-key", "Bob <b@bank.example>", "rsa2048", "sign", "never");
    const facts = pgpFacts(gpg("--export"));
    const [, listed] = /^pub:.*?:.*?:.*?:([0-9A-F]{16}):/m.exec(gpg("--list-keys", "--with-colons").toString()) ?? [];
    t.match(facts, { userId: "Bob <b@bank.example>", issuerKeyId: listed, publicKeyAlgorithm: 1, publicKeyBits: 2048 });
  } finally {
    execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
    rmSync(home, { recursive: true, force: true });
  }
});

function hasGnuPg(): boolean {
  try {
    execFileSync("gpg", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

t.test("whatever is done to a certificate, it is read or refused, and nothing else", async (t) => {
  fc.assert(
    fc.property(fc.nat(made.length - 1), fc.nat(255), fc.nat(made.length), (place, byte, cut) => {
      const altered = Buffer.from(made);
      altered[place] = byte;
      for (const bytes of [altered, altered.subarray(0, cut), Buffer.alloc(0)]) {
        try {
          pgpFacts(bytes);
        } catch (error) {
          if (!(error instanceof CertificateError)) throw error;
        }
      }
    }),
    { numRuns: 1000 },
  );
  t.throws(() => pgpFacts(Buffer.from("-----BEGIN PGP PUBLIC KEY BLOCK-----")), CertificateError);
});

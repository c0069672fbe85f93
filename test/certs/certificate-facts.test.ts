import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import t from "tap";
import { certificateFacts } from "#certs/certificate-facts.js";
import { CertificateError } from "#certs/errors.js";
import { openssl, testCertificate } from "#test/support/certificate-requests.js";

t.test("the kind and size of the key are told for all kinds", async (t) => {
  const kinds = [
    [generateKeyPairSync("rsa", { modulusLength: 1024 }), "rsa", 1024],
    [generateKeyPairSync("ec", { namedCurve: "secp224r1" }), "ec", 224],
    [generateKeyPairSync("ec", { namedCurve: "P-521" }), "ec", 521],
    [generateKeyPairSync("ec", { namedCurve: "secp256k1" }), "ec", 256],
    [generateKeyPairSync("ec", { namedCurve: "brainpoolP384r1" }), "ec", 384],
    [generateKeyPairSync("ed25519"), "ed25519", 256],
    [generateKeyPairSync("ed448"), "ed448", 456],
    [generateKeyPairSync("dsa", { modulusLength: 2048, divisorLength: 256 }), "dsa", 2048],
  ] as const;
  for (const [pair, type, bits] of kinds) {
    const { publicKeyType, publicKeyBits } = certificateFacts((await testCertificate({ subject: "/CN=a", pair })).der);
    t.same([publicKeyType, publicKeyBits], [type, bits]);
  }
});

t.test("a version 1 certificate without extensions has facts too", async (t) => {
  const { der } = await testCertificate({ subject: "/O=Old/CN=v1" });
  const text = (await openssl(["x509", "-in", "@c", "-inform", "DER", "-noout", "-text"], { c: der })).toString();
  t.match(text, /Version: [13]/);
  const facts = certificateFacts(der);
  t.same(
    facts.subjectParts.map(({ value }) => value),
    ["Old", "v1"],
  );
  t.same(facts.subjectAlternativeNames, []);
});

t.test("alternative names are told one by one", async (t) => {
  const { der } = await testCertificate({
    subject: "/CN=a",
    extensions: ["subjectAltName=DNS:a.example,IP:10.0.0.1", "issuerAltName=DNS:issuer.example"],
  });
  const { subjectAlternativeNames, issuerAlternativeNames } = certificateFacts(der);
  t.same(
    subjectAlternativeNames.map((name) => name.toString("hex")),
    [`8209${Buffer.from("a.example").toString("hex")}`, "87040a000001"],
  );
  t.equal(issuerAlternativeNames.length, 1);
});

t.test("whatever is done to a certificate, its facts are told or it is refused, and nothing else", async (t) => {
  const { der } = await testCertificate({ subject: "/CN=a", extensions: ["subjectAltName=DNS:a.example"] });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(der.length),
      (changes, cut) => {
        const altered = Buffer.from(der);
        for (const [place, byte] of changes) altered[place] = byte;
        for (const bytes of [altered, altered.subarray(0, cut)]) {
          try {
            certificateFacts(bytes);
          } catch (error) {
            if (!(error instanceof CertificateError)) throw error;
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
  t.pass("no other error");
});

t.test("bytes behind the certificate, PEM, and what is too long are refused", async (t) => {
  const { der, pem } = await testCertificate({ subject: "/CN=a" });
  for (const bytes of [Buffer.concat([der, Buffer.of(0)]), Buffer.from(pem), Buffer.alloc(70_000, 0x30)]) {
    t.throws(() => certificateFacts(bytes), CertificateError);
  }
});

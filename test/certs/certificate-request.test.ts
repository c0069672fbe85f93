import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import t from "tap";
import { readCertificateRequest } from "#certs/certificate-request.js";
import { CertificateError } from "#certs/errors.js";
import { requestedExtensions } from "#certs/requested-extensions.js";
import {
  type ClientPair,
  crmfRequest,
  curvePair,
  derRequest,
  openssl,
  pemRequest,
} from "#test/support/certificate-requests.js";

const spki = ({ publicKey }: ClientPair): Buffer => publicKey.export({ type: "spki", format: "der" });

t.test("requests signed with every kind of key that is certified are read", async (t) => {
  const pairs = {
    "RSA 2048": generateKeyPairSync("rsa", { modulusLength: 2048 }),
    "P-256": curvePair(),
    "P-384": generateKeyPairSync("ec", { namedCurve: "P-384" }),
    "P-521": generateKeyPairSync("ec", { namedCurve: "P-521" }),
    Ed25519: generateKeyPairSync("ed25519"),
    Ed448: generateKeyPairSync("ed448"),
  };
  for (const [kind, pair] of Object.entries(pairs)) {
    const request = readCertificateRequest("pkcs-10", await derRequest(pair, "/CN=a"));
    t.same(request.publicKey, spki(pair), kind);
  }
});

t.test("a request signed with RSASSA-PSS is read", async (t) => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  for (const hash of ["sha256", "sha512"]) {
    const options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:20", `-${hash}`];
    const args = ["req", "-new", "-key", "@key", "-subj", "/CN=a", ...options, "-outform", "DER"];
    t.same(readCertificateRequest("pkcs-10", await openssl(args, { key })).publicKey, spki(pair), hash);
  }
});

t.test("PEM stands for the same request, with words around it", async (t) => {
  const pem = await pemRequest(curvePair(), "/CN=a");
  const der = Buffer.from(pem.toString().replace(/-----[^-]+-----/g, ""), "base64");
  t.same(
    readCertificateRequest("pem", Buffer.concat([Buffer.from("words\n"), pem])),
    readCertificateRequest("pkcs-10", der),
  );
  t.throws(() => readCertificateRequest("pem", der), CertificateError);
  t.throws(
    () => readCertificateRequest("pem", Buffer.from(pem.toString().replaceAll("REQUEST", "OTHER"))),
    CertificateError,
  );
});

t.test("a CRMF request is read where a signature proves the possession of the key", async (t) => {
  const pair = curvePair();
  const request = crmfRequest(pair, "device");
  t.same(readCertificateRequest("crmf", request).publicKey, spki(pair));
  const altered = Buffer.from(request);
  const place = altered.indexOf("device");
  altered.write("Device", place);
  t.throws(() => readCertificateRequest("crmf", altered), /not signed by the key it names/);
});

t.test("the extensions that a request asks for are told", async (t) => {
  const extensions = ["subjectAltName=DNS:a.example,email:a@b.example", "keyUsage=critical,keyAgreement"];
  const { extensions: asked } = readCertificateRequest("pkcs-10", await derRequest(curvePair(), "/CN=a", extensions));
  const read = requestedExtensions(asked);
  t.same(
    read.alternativeNames.map((name) => name.toString("latin1").slice(2)),
    ["a.example", "a@b.example"],
  );
  t.same(read.uses, ["keyAgreement"]);
  t.equal(read.isAuthority, false);
  for (const asking of ["basicConstraints=CA:TRUE", "keyUsage=keyCertSign", "keyUsage=cRLSign"]) {
    const { extensions: wanted } = readCertificateRequest("pkcs-10", await derRequest(curvePair(), "/CN=a", [asking]));
    t.equal(requestedExtensions(wanted).isAuthority, true, asking);
  }
});

const forms = [
  ["pkcs-10", await derRequest(curvePair(), "/CN=a", ["subjectAltName=DNS:a.example"])],
  ["crmf", crmfRequest(curvePair(), "a")],
] as const;

t.test("whatever is done to a request, it is read or refused, and nothing else", async (t) => {
  for (const [form, whole] of forms) {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(whole.length),
        (changes, cut) => {
          const altered = Buffer.from(whole);
          for (const [place, byte] of changes) altered[place] = byte;
          for (const bytes of [altered, altered.subarray(0, cut)]) {
            try {
              readCertificateRequest(form, bytes);
            } catch (error) {
              if (!(error instanceof CertificateError)) throw error;
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  }
  t.pass("no other error");
});

t.test("bytes that nest without end or claim more than there is are refused at once", async (t) => {
  for (const bytes of [Buffer.alloc(60_000, 0x30), Buffer.from("3084ffffffff", "hex"), Buffer.alloc(70_000)]) {
    t.throws(() => readCertificateRequest("pkcs-10", bytes), CertificateError);
    t.throws(() => readCertificateRequest("crmf", bytes), CertificateError);
  }
});

import { generateKeyPairSync } from "node:crypto";
import t from "tap";
import { certificateFields, readCertificate } from "#certs/certificate-fields.js";
import { longestPath, type PathSources, type Verdict, validateChain } from "#certs/path-validation.js";
import {
  authorityExtensions,
  forged,
  type TestCertificate,
  testCertificate,
} from "#test/support/certificate-requests.js";

const root = await testCertificate({ subject: "/CN=root", extensions: authorityExtensions });
const middle = await testCertificate({ subject: "/CN=middle", issuer: root, extensions: authorityExtensions });
const leaf = await testCertificate({ subject: "/CN=leaf", issuer: middle });

/** Self-signed certificates of the chain are anchors, as in requests; `stored` are authorities found by name. */
function verdict(
  given: readonly (TestCertificate | Buffer)[],
  more: Partial<PathSources> & { readonly stored?: readonly TestCertificate[] } = {},
): Promise<Verdict> {
  const { stored = [], ...sources } = more;
  return validateChain({
    given: given.map((each) => {
      const certificate = readCertificate(Buffer.isBuffer(each) ? each : each.der);
      return { certificate, isAnchor: certificate.subject === certificate.issuer };
    }),
    issuersNamed: async (subject) =>
      stored
        .map(({ der }) => readCertificate(der))
        .filter((certificate) => certificateFields(certificate).subject.equals(subject))
        .map((certificate) => ({ certificate, isAnchor: true })),
    isRevoked: async () => false,
    at: new Date(),
    ...sources,
  });
}

t.test("a chain is valid in any order", async (t) => {
  t.equal(await verdict([leaf, middle, root]), "valid");
  t.equal(await verdict([root, leaf, middle]), "valid");
  t.equal(await verdict([root]), "valid");
  t.equal(await verdict([leaf, leaf, middle, root]), "valid", "a certificate that stands twice counts once");
});

t.test("a chain whose issuer is nowhere is unknown, and valid where the issuer is stored", async (t) => {
  t.equal(await verdict([leaf]), "unknown");
  t.equal(await verdict([leaf, middle]), "unknown");
  t.equal(await verdict([leaf, middle], { stored: [root] }), "valid");
  t.equal(await verdict([leaf], { stored: [root, middle] }), "valid");
  t.equal(await verdict([leaf], { stored: [middle] }), "valid", "a stored authority is an anchor");
});

t.test("a forged signature anywhere is invalid", async (t) => {
  t.equal(await verdict([forged(leaf), middle, root]), "invalid");
  t.equal(await verdict([leaf, forged(middle), root]), "invalid");
  t.equal(await verdict([leaf, middle, forged(root)]), "invalid");
  t.equal(await verdict([forged(root)]), "invalid");
});

t.test("an impostor with the name of an issuer is not the issuer", async (t) => {
  const impostor = await testCertificate({ subject: "/CN=middle", extensions: authorityExtensions });
  t.equal(await verdict([leaf, impostor]), "invalid");
});

t.test("certificates that are not one chain are invalid", async (t) => {
  const other = await testCertificate({ subject: "/CN=other", extensions: authorityExtensions });
  t.equal(await verdict([leaf, middle, root, other]), "invalid");
});

t.test("all certificates must be valid at the moment", async (t) => {
  const day = 24 * 60 * 60 * 1000;
  t.equal(await verdict([leaf, middle, root], { at: new Date(Date.now() + 29 * day) }), "valid");
  t.equal(await verdict([leaf, middle, root], { at: new Date(Date.now() + 31 * day) }), "invalid");
  t.equal(await verdict([leaf, middle, root], { at: new Date(Date.now() - 2 * day) }), "invalid");
});

t.test("only authorities issue: basic constraints, key usage and path length hold", async (t) => {
  const below = await testCertificate({ subject: "/CN=below", issuer: leaf });
  t.equal(await verdict([below, leaf, middle, root]), "invalid", "an end entity has issued");
  const unusable = await testCertificate({
    subject: "/CN=unusable",
    issuer: root,
    extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"],
  });
  const byUnusable = await testCertificate({ subject: "/CN=x", issuer: unusable });
  t.equal(await verdict([byUnusable, unusable, root]), "invalid", "its key is not for signing certificates");
  const short = await testCertificate({
    subject: "/CN=short",
    extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0"],
  });
  const direct = await testCertificate({ subject: "/CN=direct", issuer: short });
  t.equal(await verdict([direct, short]), "valid");
  const between = await testCertificate({ subject: "/CN=between", issuer: short, extensions: authorityExtensions });
  const tooFar = await testCertificate({ subject: "/CN=far", issuer: between });
  t.equal(await verdict([tooFar, between, short]), "invalid", "the path is longer than its root allows");
});

t.test("a critical extension that is not understood leaves the verdict open", async (t) => {
  const odd = await testCertificate({
    subject: "/CN=odd",
    issuer: root,
    extensions: ["1.2.3.4.5=critical,ASN1:UTF8String:something"],
  });
  t.equal(await verdict([odd, root]), "unknown");
});

t.test("a revoked certificate makes the chain invalid", async (t) => {
  const isRevoked: PathSources["isRevoked"] = async ({ subject }) => subject === "CN=middle";
  t.equal(await verdict([leaf, middle, root], { isRevoked }), "invalid");
});

t.test("RSA, P-384 and Ed25519 sign chains as well", async (t) => {
  const pairs = [
    generateKeyPairSync("rsa", { modulusLength: 2048 }),
    generateKeyPairSync("ec", { namedCurve: "P-384" }),
    generateKeyPairSync("ed25519"),
  ];
  for (const pair of pairs) {
    const authority = await testCertificate({ subject: "/CN=authority", pair, extensions: authorityExtensions });
    const end = await testCertificate({ subject: "/CN=end", issuer: authority });
    t.equal(await verdict([end, authority]), "valid");
    t.equal(await verdict([forged(end), authority]), "invalid");
  }
});

t.test("a path longer than the limit is not followed", async (t) => {
  const path: TestCertificate[] = [root];
  for (let count = 1; count <= longestPath; count += 1) {
    const issuer = path[0] ?? root;
    path.unshift(await testCertificate({ subject: `/CN=${count}`, issuer, extensions: authorityExtensions }));
  }
  t.equal(await verdict(path.slice(1)), "valid");
  t.equal(await verdict(path), "invalid");
});

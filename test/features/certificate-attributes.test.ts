import { generateKeyPairSync } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { CertificateType, CryptographicAlgorithm, ObjectType, Operation } from "#protocol/enums/index.js";
import { supportedVersions, V1_1, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { curvePair, testCertificate } from "#test/support/certificate-requests.js";
import { actionsOf, requested } from "#test/support/kmip-actions.js";
import { askFor } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

async function register(certificateType: number, certificateValue: Buffer): Promise<string> {
  const { uniqueIdentifier } = await askFor<{ uniqueIdentifier: string }>(client, V2_1, Operation.Register, {
    objectType: ObjectType.Certificate,
    attributes: requested(),
    certificate: { certificateType, certificateValue },
  });
  return uniqueIdentifier;
}

const subject =
  "/C=CH/ST=Zug/L=Baar/O=Bank/OU=Cards/OU=Keys/CN=device/UID=u1/title=Head/dnQualifier=q/serialNumber=7/DC=example/emailAddress=a@bank.example";
const { der } = await testCertificate({ subject, extensions: ["subjectAltName=DNS:a.example,IP:10.0.0.1"] });
const id = await register(CertificateType.X_509, der);

t.test("each part of subject and issuer is an attribute since 2.0", async (t) => {
  const { values } = actionsOf(client, V2_1);
  const parts = [
    [attributes.certificateSubjectC, ["CH"]],
    [attributes.certificateSubjectST, ["Zug"]],
    [attributes.certificateSubjectL, ["Baar"]],
    [attributes.certificateSubjectO, ["Bank"]],
    [attributes.certificateSubjectOU, ["Cards", "Keys"]],
    [attributes.certificateSubjectCN, ["device"]],
    [attributes.certificateSubjectUID, ["u1"]],
    [attributes.certificateSubjectTitle, ["Head"]],
    [attributes.certificateSubjectDNQualifier, ["q"]],
    [attributes.certificateSubjectSerialNumber, ["7"]],
    [attributes.certificateSubjectDC, ["example"]],
    [attributes.certificateSubjectEmail, ["a@bank.example"]],
    [attributes.certificateIssuerCN, ["device"]],
    [attributes.certificateIssuerOU, ["Cards", "Keys"]],
  ] as const;
  for (const [definition, expected] of parts) t.same(await values(id, definition), expected, definition.name);
});

t.test("every version tells the attributes of certificates that it has, and no others", async (t) => {
  for (const version of supportedVersions) {
    const { act } = actionsOf(client, version);
    const { attributes: told } = await act<{ attributes: readonly { name: string }[] }>(Operation.GetAttributes, id);
    const has = (definition: { readonly name: string }): boolean => told.some(({ name }) => name === definition.name);
    t.ok(has(attributes.certificateType));
    t.equal(has(attributes.certificateLength), version >= V1_1);
    t.equal(has(attributes.digitalSignatureAlgorithm), version >= V1_1);
    t.equal(has(attributes.x509CertificateIdentifier), version >= V1_1);
    t.equal(has(attributes.x509CertificateSubject), version >= V1_1);
    t.equal(has(attributes.x509CertificateIssuer), version >= V1_1);
    t.equal(has(attributes.certificateIdentifier), version <= V1_4);
    t.equal(has(attributes.certificateSubject), version <= V1_4);
    t.equal(has(attributes.certificateIssuer), version <= V1_4);
    t.equal(has(attributes.certificateSubjectCN), version >= V2_0);
  }
});

t.test("the text attributes of 1.x tell the names, alternative names included", async (t) => {
  const { value } = actionsOf(client, V1_4);
  t.match(await value(id, attributes.certificateSubject), {
    certificateSubjectDistinguishedName: /CN=device/,
    certificateSubjectAlternativeName: ["a.example", "10.0.0.1"],
  });
});

t.test(
  "a certificate of an Ed25519 key, of a curve without a name in KMIP, and of an old version are kept",
  async (t) => {
    const { value } = actionsOf(client, V2_1);
    const edwards = await testCertificate({ subject: "/CN=a", pair: generateKeyPairSync("ed25519") });
    const edwardsId = await register(CertificateType.X_509, edwards.der);
    t.equal(await value(edwardsId, attributes.cryptographicAlgorithm), CryptographicAlgorithm.Ed25519);
    const brainpool = await testCertificate({
      subject: "/CN=a",
      pair: generateKeyPairSync("ec", { namedCurve: "brainpoolP320r1" }),
    });
    t.equal(await value(await register(CertificateType.X_509, brainpool.der), attributes.cryptographicLength), 320);
    const plain = await testCertificate({ subject: "/CN=plain", pair: curvePair() });
    t.equal(await value(await register(CertificateType.X_509, plain.der), attributes.certificateSubjectCN), "plain");
  },
);

t.test("a PGP certificate tells its first user and the key that signed", async (t) => {
  const packet = (type: number, body: Buffer): Buffer =>
    Buffer.concat([Buffer.of(0xc0 | type, 255, 0, 0, body.length >> 8, body.length & 255), body]);
  const key = Buffer.concat([Buffer.of(4, 0, 0, 0, 1, 1, 8, 0), Buffer.alloc(256, 0x80), Buffer.of(0, 17, 1, 0, 1)]);
  const signature = Buffer.from("0413010800000 00a0910 0123456789abcdef0000".replaceAll(" ", ""), "hex");
  const value = Buffer.concat([packet(6, key), packet(13, Buffer.from("Alice")), packet(2, signature)]);
  const pgp = await register(CertificateType.PGP, value);
  const old = actionsOf(client, V1_4);
  t.match(await old.value(pgp, attributes.certificateIdentifier), { issuer: "0123456789ABCDEF" });
  t.match(await old.value(pgp, attributes.certificateSubject), { certificateSubjectDistinguishedName: "Alice" });
  t.equal(await old.value(pgp, attributes.cryptographicAlgorithm), CryptographicAlgorithm.RSA);
  t.equal(await old.value(pgp, attributes.cryptographicLength), 2048);
});

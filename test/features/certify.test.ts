import { X509Certificate } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CertificateRequestType,
  CertificateType,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  LinkType,
  ObjectType,
  Operation,
  ProtectionStorageMask,
  ResultReason,
  RevocationReasonCode,
  State,
  UniqueIdentifier,
} from "#protocol/enums/index.js";
import { type ProtocolVersion, supportedVersions, V1_0, V1_2, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { crmfRequest, curvePair, derRequest, openssl, pemRequest } from "#test/support/certificate-requests.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask, askAll, askFor, named } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const x509 = instance(attributes.certificateType, CertificateType.X_509);
const noAttributes = requested();

async function pairIn(
  version: ProtocolVersion,
  ...ofPublic: readonly AttributeInstance[]
): Promise<{ privateKeyUniqueIdentifier: string; publicKeyUniqueIdentifier: string }> {
  return askFor(client, version, Operation.CreateKeyPair, {
    commonAttributes: requested(
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA),
      instance(attributes.cryptographicLength, 256),
    ),
    privateKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign)),
    publicKeyAttributes: requested(
      instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify),
      ...ofPublic,
    ),
  });
}

async function certified(version: ProtocolVersion, payload: object): Promise<string> {
  const { uniqueIdentifier } = await askFor<{ uniqueIdentifier: string }>(client, version, Operation.Certify, {
    attributes: noAttributes,
    ...payload,
  });
  return uniqueIdentifier;
}

async function reasonOf(version: ProtocolVersion, payload: object): Promise<number | undefined> {
  const whole = { attributes: noAttributes, ...payload };
  return (await ask(client, version, { operation: Operation.Certify, payload: whole })).reason;
}

async function given(id: string): Promise<X509Certificate> {
  const { certificate } = await actionsOf(client, V2_1).act<{ certificate: { certificateValue: Buffer } }>(
    Operation.Get,
    id,
  );
  return new X509Certificate(certificate.certificateValue);
}

async function linkTo(id: string, type: number): Promise<string | undefined> {
  const links = await actionsOf(client, V2_1).values(id, attributes.link);
  const linked = links.find(({ linkType }) => linkType === type)?.linkedObjectIdentifier;
  return linked?.kind === "identifier" ? linked.identifier : undefined;
}

/** Has OpenSSL verify the certificate against that of its authority, which the server links it to. */
async function verifies(id: string): Promise<string> {
  const authorityId = await linkTo(id, LinkType.CertificateLink);
  const authority = await given(authorityId ?? "none");
  const files = { "ca.pem": authority.toString(), "leaf.pem": (await given(id)).toString() };
  return (await openssl(["verify", "-x509_strict", "-CAfile", "@ca.pem", "@leaf.pem"], files)).toString();
}

t.test("in every version a public key is certified, and key and certificate are linked to each other", async (t) => {
  for (const version of supportedVersions) {
    const { publicKeyUniqueIdentifier: publicId } = await pairIn(version, nameOf(`key of ${version}`));
    const id = await certified(version, { uniqueIdentifier: named(publicId), attributes: requested(x509) });
    t.match(await verifies(id), /OK/);
    t.equal(await linkTo(id, LinkType.PublicKeyLink), publicId);
    t.equal(await linkTo(publicId, LinkType.CertificateLink), id);
    t.equal((await given(id)).subject, `CN=key of ${version}`, "the name of the key where nobody names a subject");
    const { value } = actionsOf(client, version);
    t.equal(await value(id, attributes.objectType), ObjectType.Certificate);
    t.equal(await value(id, attributes.state), State.Active);
  }
});

t.test("a certificate request in PKCS #10, PEM and CRMF is certified, its key becomes an object", async (t) => {
  const pair = curvePair();
  const spki = pair.publicKey.export({ type: "spki", format: "der" });
  const requests = [
    [CertificateRequestType.PKCS_10, await derRequest(pair, "/O=Bank/CN=device 1")],
    [CertificateRequestType.PEM, await pemRequest(pair, "/O=Bank/CN=device 1")],
    [CertificateRequestType.CRMF, crmfRequest(pair, "device 1")],
  ] as const;
  for (const version of [V1_0, V1_4, V2_0, V2_1]) {
    for (const [certificateRequestType, certificateRequestValue] of requests) {
      const id = await certified(version, { certificateRequestType, certificateRequestValue });
      const certificate = await given(id);
      t.match(certificate.subject, /CN=device 1$/);
      t.same(certificate.publicKey.export({ type: "spki", format: "der" }), spki);
      t.match(await verifies(id), /OK/);
      const publicId = (await linkTo(id, LinkType.PublicKeyLink)) ?? "none";
      t.equal(await actionsOf(client, V2_1).value(publicId, attributes.objectType), ObjectType.PublicKey);
      t.equal(await linkTo(publicId, LinkType.CertificateLink), id);
    }
  }
});

t.test("alternative names and uses of the request are taken over, the subject of the attributes is not", async (t) => {
  const extensions = [
    "subjectAltName=DNS:a.example,IP:10.0.0.1",
    "keyUsage=digitalSignature,keyAgreement",
    "extendedKeyUsage=serverAuth",
  ];
  const id = await certified(V2_1, {
    certificateRequestType: CertificateRequestType.PEM,
    certificateRequestValue: await pemRequest(curvePair(), "/CN=of the request", extensions),
    attributes: requested(instance(attributes.certificateSubjectCN, "of the attributes")),
  });
  const certificate = await given(id);
  t.equal(certificate.subject, "CN=of the request");
  t.equal(certificate.subjectAltName, "DNS:a.example, IP Address:10.0.0.1");
  t.same(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  const text = (await openssl(["x509", "-in", "@c", "-noout", "-text"], { c: certificate.toString() })).toString();
  t.match(text, /Key Usage: critical\s+Digital Signature, Key Agreement\n/);
  t.match(text, /Basic Constraints: critical\s+CA:FALSE/);
});

t.test("without a request the subject comes of attributes: parts, a text, or DER", async (t) => {
  const { publicKeyUniqueIdentifier } = await pairIn(V2_1);
  const uniqueIdentifier = named(publicKeyUniqueIdentifier);
  const parts = await certified(V2_1, {
    uniqueIdentifier,
    attributes: requested(
      instance(attributes.certificateSubjectCN, "a"),
      instance(attributes.certificateSubjectO, "Bank"),
      instance(attributes.certificateSubjectC, "CH"),
      instance(attributes.certificateSubjectEmail, "a@bank.example"),
    ),
  });
  t.equal((await given(parts)).subject, "C=CH\nO=Bank\nCN=a\nemailAddress=a@bank.example");
  const text = await certified(V1_0, {
    uniqueIdentifier,
    attributes: requested(
      x509,
      instance(attributes.certificateSubject, {
        certificateSubjectDistinguishedName: "CN=a\\, b,O=Bank",
        certificateSubjectAlternativeName: [],
      }),
    ),
  });
  t.match((await given(text)).subject, /^O=Bank\nCN=a/);
  const [whole] = await actionsOf(client, V2_1).values(parts, attributes.x509CertificateSubject);
  const der = await certified(V1_4, {
    uniqueIdentifier,
    attributes: requested(
      x509,
      instance(attributes.x509CertificateSubject, {
        subjectDistinguishedName: whole?.subjectDistinguishedName ?? Buffer.alloc(0),
        subjectAlternativeName: [Buffer.from("8209622e6578616d706c65", "hex")],
      }),
    ),
  });
  t.equal((await given(der)).subject, (await given(parts)).subject);
  t.equal((await given(der)).subjectAltName, "DNS:b.example");
});

t.test("the dates of the attributes are those of the certificate", async (t) => {
  const { publicKeyUniqueIdentifier } = await pairIn(V2_1);
  const id = await certified(V2_1, {
    uniqueIdentifier: named(publicKeyUniqueIdentifier),
    attributes: requested(
      instance(attributes.activationDate, 1_900_000_000),
      instance(attributes.deactivationDate, 1_910_000_000),
    ),
  });
  const certificate = await given(id);
  t.equal(Date.parse(certificate.validFrom), 1_900_000_000_000);
  t.equal(Date.parse(certificate.validTo), 1_910_000_000_000);
  t.equal(await actionsOf(client, V2_1).value(id, attributes.state), State.PreActive);
});

t.test("a Certificate Request object is certified by its identifier", async (t) => {
  const pair = curvePair();
  const registered = await askFor<{ uniqueIdentifier: string }>(client, V2_1, Operation.Register, {
    objectType: ObjectType.CertificateRequest,
    attributes: noAttributes,
    certificateRequest: {
      certificateRequestType: CertificateRequestType.PKCS_10,
      certificateRequestValue: await derRequest(pair, "/CN=kept request"),
    },
  });
  const id = await certified(V2_1, { uniqueIdentifier: named(registered.uniqueIdentifier) });
  t.equal((await given(id)).subject, "CN=kept request");
  t.match(await verifies(id), /OK/);
});

t.test("a batch gets the certificate by the ID placeholder, and by the value of its operation", async (t) => {
  const creating = {
    operation: Operation.CreateKeyPair,
    payload: {
      commonAttributes: requested(instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA)),
      privateKeyAttributes: noAttributes,
      publicKeyAttributes: noAttributes,
    },
  };
  const placeholder = (operation: number) => ({ kind: "placeholder", operation });
  const answers = await askAll(client, V2_0, [
    creating,
    {
      operation: Operation.Certify,
      payload: {
        uniqueIdentifier: placeholder(UniqueIdentifier.CreateKeyPairPublicKey),
        attributes: noAttributes,
      },
    },
    { operation: Operation.Get, payload: {} },
    { operation: Operation.Get, payload: { uniqueIdentifier: placeholder(UniqueIdentifier.Certify) } },
  ]);
  t.same(
    answers.map(({ reason }) => reason),
    [undefined, undefined, undefined, undefined],
  );
  t.same(answers[2]?.item.responsePayload, answers[3]?.item.responsePayload);
  const { publicKeyUniqueIdentifier } = await pairIn(V1_2);
  const locating = {
    operation: Operation.Locate,
    payload: { attributes: [instance(attributes.uniqueIdentifier, publicKeyUniqueIdentifier)] },
  };
  const [, byPlaceholder] = await askAll(client, V1_2, [
    locating,
    { operation: Operation.Certify, payload: { attributes: requested(x509) } },
  ]);
  t.equal(byPlaceholder?.reason, undefined, "1.x names the public key by the placeholder");
});

t.test("requests that are not what they say are refused as InvalidCSR, before 2.0 as InvalidField", async (t) => {
  const pair = curvePair();
  const request = await derRequest(pair, "/CN=a");
  const altered = Buffer.from(request);
  altered.writeUInt8((altered.at(-1) ?? 0) ^ 1, altered.length - 1);
  const type = CertificateRequestType.PKCS_10;
  const hostile = [
    altered,
    Buffer.alloc(0),
    Buffer.from("30", "hex"),
    Buffer.from("3084ffffffff", "hex"),
    Buffer.alloc(5000, 0x30),
    Buffer.alloc(70_000, 0x30),
    request.subarray(0, request.length - 10),
    crmfRequest(pair, "another form"),
  ];
  for (const certificateRequestValue of hostile) {
    const payload = { certificateRequestType: type, certificateRequestValue };
    t.equal(await reasonOf(V2_1, payload), ResultReason.InvalidCSR);
    t.equal(await reasonOf(V2_0, payload), ResultReason.InvalidCSR);
    t.equal(await reasonOf(V1_4, payload), ResultReason.InvalidField);
  }
  const { publicKeyUniqueIdentifier } = await pairIn(V2_1);
  const other = { certificateRequestType: type, certificateRequestValue: request };
  t.equal(
    await reasonOf(V2_1, { ...other, uniqueIdentifier: named(publicKeyUniqueIdentifier) }),
    ResultReason.InvalidCSR,
  );
});

t.test("what cannot be certified is refused for its reason", async (t) => {
  const { privateKeyUniqueIdentifier, publicKeyUniqueIdentifier } = await pairIn(V2_1);
  const uniqueIdentifier = named(publicKeyUniqueIdentifier);
  const request = await pemRequest(curvePair(), "/CN=a");
  const authority = await pemRequest(curvePair(), "/CN=a", ["basicConstraints=critical,CA:TRUE"]);
  const pem = CertificateRequestType.PEM;
  const refused: readonly (readonly [object, number])[] = [
    [{ uniqueIdentifier: named(privateKeyUniqueIdentifier) }, ResultReason.InvalidObjectType],
    [{ uniqueIdentifier: named("nothing") }, ResultReason.ItemNotFound],
    [{}, ResultReason.ItemNotFound],
    [{ certificateRequestValue: request }, ResultReason.InvalidField],
    [{ uniqueIdentifier, certificateRequestType: pem }, ResultReason.InvalidField],
    [{ certificateRequestType: pem, certificateRequestValue: authority }, ResultReason.PermissionDenied],
    [
      { uniqueIdentifier, attributes: requested(instance(attributes.certificateType, CertificateType.PGP)) },
      ResultReason.FeatureNotSupported,
    ],
    [
      { uniqueIdentifier, attributes: requested(instance(attributes.certificateSubjectC, "Switzerland")) },
      ResultReason.InvalidAttributeValue,
    ],
    [
      { uniqueIdentifier, attributes: requested(instance(attributes.deactivationDate, 9_000_000_000)) },
      ResultReason.InvalidAttributeValue,
    ],
    [
      { uniqueIdentifier, protectionStorageMasks: { protectionStorageMask: [ProtectionStorageMask.Hardware] } },
      ResultReason.ProtectionStorageUnavailable,
    ],
  ];
  for (const [payload, reason] of refused) t.equal(await reasonOf(V2_1, payload), reason, JSON.stringify(payload));
  const pgp = { certificateRequestType: CertificateRequestType.PGP, certificateRequestValue: request };
  t.equal(await reasonOf(V1_4, pgp), ResultReason.FeatureNotSupported);
  const ofPrivateKey = { uniqueIdentifier: named(privateKeyUniqueIdentifier) };
  t.equal(await reasonOf(V1_4, ofPrivateKey), ResultReason.PermissionDenied, "as the error tables of 1.x have it");
  await actionsOf(client, V2_1).revoke(publicKeyUniqueIdentifier, RevocationReasonCode.KeyCompromise);
  t.equal(await reasonOf(V2_1, { uniqueIdentifier }), ResultReason.PermissionDenied, "a compromised key");
});

t.test(
  "another tenant's keys and requests answer as missing, and each tenant has an authority of its own",
  async (t) => {
    await server.administration.createTenant("other");
    const identity = readIdentity(await server.administration.issueClient("other", "stranger"));
    const stranger = await connectTo(server, { identity });
    t.teardown(() => stranger.close());
    const { publicKeyUniqueIdentifier } = await pairIn(V2_1);
    const payload = { uniqueIdentifier: named(publicKeyUniqueIdentifier), attributes: noAttributes };
    const answer = await ask(stranger, V2_1, { operation: Operation.Certify, payload });
    t.equal(answer.reason, ResultReason.ItemNotFound);
    const value = await pemRequest(curvePair(), "/CN=theirs");
    const theirs = await askFor<{ uniqueIdentifier: string }>(stranger, V2_1, Operation.Certify, {
      certificateRequestType: CertificateRequestType.PEM,
      certificateRequestValue: value,
      attributes: noAttributes,
    });
    const { certificate } = await actionsOf(stranger, V2_1).act<{ certificate: { certificateValue: Buffer } }>(
      Operation.Get,
      theirs.uniqueIdentifier,
    );
    const issuer = new X509Certificate(certificate.certificateValue).issuer;
    const ours = await certified(V2_1, { uniqueIdentifier: named(publicKeyUniqueIdentifier) });
    t.match(issuer, /OU=other/);
    t.match((await given(ours)).issuer, /OU=demo/);
  },
);

import { X509Certificate } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CertificateRequestType,
  CertificateType,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  KeyFormatType,
  LinkType,
  ObjectType,
  Operation,
  ProtectionStorageMask,
  ResultReason,
  UniqueIdentifier,
} from "#protocol/enums/index.js";
import { type ProtocolVersion, supportedVersions, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import {
  authorityExtensions,
  curvePair,
  pemRequest,
  type TestCertificate,
  testCertificate,
} from "#test/support/certificate-requests.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask, askAll, askFor, named } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const none = requested();
const pem = CertificateRequestType.PEM;

async function made(version: ProtocolVersion, operation: number, payload: object): Promise<string> {
  const whole = { attributes: none, ...payload };
  return (await askFor<{ uniqueIdentifier: string }>(client, version, operation, whole)).uniqueIdentifier;
}

async function newKey(): Promise<string> {
  const pair = await askFor<{ publicKeyUniqueIdentifier: string }>(client, V2_1, Operation.CreateKeyPair, {
    commonAttributes: requested(instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA)),
    privateKeyAttributes: none,
    publicKeyAttributes: none,
  });
  return pair.publicKeyUniqueIdentifier;
}

function certified(publicId: string, ...list: readonly AttributeInstance[]): Promise<string> {
  return made(V2_1, Operation.Certify, { uniqueIdentifier: named(publicId), attributes: requested(...list) });
}

function renewed(version: ProtocolVersion, id: string, more: object = {}): Promise<string> {
  return made(version, Operation.ReCertify, { uniqueIdentifier: named(id), ...more });
}

async function reasonOf(version: ProtocolVersion, payload: object): Promise<number | undefined> {
  const whole = { attributes: none, ...payload };
  return (await ask(client, version, { operation: Operation.ReCertify, payload: whole })).reason;
}

async function given(id: string): Promise<X509Certificate> {
  const { certificate } = await actionsOf(client, V2_1).act<{ certificate: { certificateValue: Buffer } }>(
    Operation.Get,
    id,
  );
  return new X509Certificate(certificate.certificateValue);
}

async function linksOf(id: string, type: number): Promise<readonly string[]> {
  const links = await actionsOf(client, V2_1).values(id, attributes.link);
  return links.flatMap(({ linkType, linkedObjectIdentifier: linked }) =>
    linkType === type && linked.kind === "identifier" ? [linked.identifier] : [],
  );
}

function registerCertificate(der: Buffer, ...list: readonly AttributeInstance[]): Promise<string> {
  return made(V2_1, Operation.Register, {
    objectType: ObjectType.Certificate,
    attributes: requested(...list),
    certificate: { certificateType: CertificateType.X_509, certificateValue: der },
  });
}

t.test(
  "in every version the new certificate takes the names, the subject and the key, and all are linked",
  async (t) => {
    for (const version of supportedVersions) {
      const publicId = await newKey();
      const name = `certificate of ${version}`;
      const old = await certified(publicId, nameOf(name), instance(attributes.certificateSubjectCN, "renewed"));
      const id = await renewed(version, old);
      const [before, after] = [await given(old), await given(id)];
      t.equal(after.subject, "CN=renewed");
      t.not(after.serialNumber, before.serialNumber);
      t.ok(after.publicKey.equals(before.publicKey));
      t.equal(after.validTo, before.validTo, "the dates are copied");
      t.same(await actionsOf(client, version).locate(nameOf(name)), [id]);
      t.same(await linksOf(old, LinkType.ReplacementObjectLink), [id]);
      t.same(await linksOf(id, LinkType.ReplacedObjectLink), [old]);
      t.same(await linksOf(id, LinkType.PublicKeyLink), [publicId]);
      t.same(await linksOf(publicId, LinkType.CertificateLink), [id], "the public key's link now names the new one");
      const [authority = "none"] = await linksOf(id, LinkType.CertificateLink);
      t.ok(after.verify((await given(authority)).publicKey));
    }
  },
);

t.test("an offset moves the dates", async (t) => {
  const old = await certified(
    await newKey(),
    instance(attributes.activationDate, 1_600_000_000),
    instance(attributes.deactivationDate, 1_900_000_000),
  );
  const id = await renewed(V1_4, old, { offset: 100 });
  const { value } = actionsOf(client, V1_4);
  const activation = (await value(id, attributes.initialDate)) ?? 0;
  t.equal(await value(id, attributes.activationDate), activation + 100);
  t.equal(await value(id, attributes.deactivationDate), activation + 100 + 300_000_000);
  t.equal(Date.parse((await given(id)).validFrom), (activation + 100) * 1000);
  const dated = requested(instance(attributes.activationDate, 1_700_000_000));
  for (const version of [V1_4, V2_1]) {
    const payload = { uniqueIdentifier: named(id), offset: 1, attributes: dated };
    t.equal(await reasonOf(version, payload), ResultReason.InvalidMessage, "an offset beside a date");
  }
});

t.test("a certificate from elsewhere is renewed for as long as it was valid, with its names and uses", async (t) => {
  const foreign = await testCertificate({
    subject: "/CN=from elsewhere",
    extensions: ["subjectAltName=DNS:a.example", "extendedKeyUsage=clientAuth"],
    days: 10,
  });
  const id = await renewed(V2_1, await registerCertificate(foreign.der));
  const certificate = await given(id);
  t.equal(certificate.subject, "CN=from elsewhere");
  t.equal(certificate.subjectAltName, "DNS:a.example");
  t.same(certificate.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
  t.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 10 * 24 * 60 * 60 * 1000);
});

t.test("a request for the same key says what is in the new certificate; one for another key is refused", async (t) => {
  const pair = curvePair();
  const request = await pemRequest(pair, "/CN=first");
  const old = await made(V2_1, Operation.Certify, { certificateRequestType: pem, certificateRequestValue: request });
  const certificateRequestValue = await pemRequest(pair, "/CN=second");
  const id = await renewed(V2_1, old, { certificateRequestType: pem, certificateRequestValue });
  t.equal((await given(id)).subject, "CN=second");
  const kept = await made(V2_1, Operation.Register, {
    objectType: ObjectType.CertificateRequest,
    certificateRequest: { certificateRequestType: pem, certificateRequestValue: await pemRequest(pair, "/CN=third") },
  });
  const third = await renewed(V2_0, id, { certificateRequestUniqueIdentifier: named(kept) });
  t.equal((await given(third)).subject, "CN=third");
  const other = { certificateRequestType: pem, certificateRequestValue: await pemRequest(curvePair(), "/CN=x") };
  t.equal(await reasonOf(V2_1, { uniqueIdentifier: named(third), ...other }), ResultReason.InvalidCSR);
  t.equal(await reasonOf(V1_4, { uniqueIdentifier: named(third), ...other }), ResultReason.InvalidField);
});

/** Registers an authority of the client's with its private key; gives the Certificate object. */
async function registerAuthority(authority: TestCertificate, mask: number): Promise<string> {
  const pkcs8 = authority.pair.privateKey.export({ type: "pkcs8", format: "der" });
  const keyId = await made(V2_1, Operation.Register, {
    objectType: ObjectType.PrivateKey,
    attributes: requested(
      instance(attributes.cryptographicUsageMask, mask),
      instance(attributes.activationDate, 1_000_000_000),
    ),
    privateKey: { keyBlock: { keyFormatType: KeyFormatType.PKCS_8, keyValue: { keyMaterial: pkcs8, attributes: [] } } },
  });
  return registerCertificate(authority.der, link(LinkType.PrivateKeyLink, keyId));
}

function link(linkType: number, id: string): AttributeInstance {
  return instance(attributes.link, { linkType, linkedObjectIdentifier: named(id) });
}

t.test(
  "an authority of the client's own signs where a Certificate Link names it, and again when it is renewed",
  async (t) => {
    const authority = await testCertificate({
      subject: "/CN=own authority",
      extensions: authorityExtensions,
      days: 900,
    });
    const authorityId = await registerAuthority(authority, CryptographicUsageMask.CertificateSign);
    const id = await certified(await newKey(), link(LinkType.CertificateLink, authorityId));
    const again = await renewed(V2_1, id);
    for (const each of [id, again]) {
      const certificate = await given(each);
      t.equal(certificate.issuer, "CN=own authority");
      t.ok(certificate.verify(authority.pair.publicKey));
      t.same(await linksOf(each, LinkType.CertificateLink), [authorityId]);
    }
  },
);

t.test("an authority without the mask, the key or the right to sign is refused", async (t) => {
  const publicId = named(await newKey());
  const reason = async (authorityId: string): Promise<number | undefined> => {
    const payload = { uniqueIdentifier: publicId, attributes: requested(link(LinkType.CertificateLink, authorityId)) };
    return (await ask(client, V2_1, { operation: Operation.Certify, payload })).reason;
  };
  const authority = await testCertificate({ subject: "/CN=authority", extensions: authorityExtensions });
  const onlySigns = await registerAuthority(authority, CryptographicUsageMask.Sign);
  t.equal(await reason(onlySigns), ResultReason.IncompatibleCryptographicUsageMask);
  t.equal(await reason(await registerCertificate(authority.der)), ResultReason.PermissionDenied);
  const leaf = await testCertificate({ subject: "/CN=leaf" });
  const noAuthority = await registerAuthority(leaf, CryptographicUsageMask.CertificateSign);
  t.equal(await reason(noAuthority), ResultReason.InvalidAttributeValue);
  t.equal(await reason("nothing"), ResultReason.ItemNotFound);
});

t.test("what cannot be renewed is refused for its reason", async (t) => {
  const id = await certified(await newKey());
  const uniqueIdentifier = named(id);
  const authority = await testCertificate({ subject: "/CN=authority", extensions: authorityExtensions });
  const pgp = await made(V2_1, Operation.Register, {
    objectType: ObjectType.Certificate,
    certificate: { certificateType: CertificateType.PGP, certificateValue: Buffer.from("a PGP certificate") },
  });
  const refused: readonly (readonly [object, number])[] = [
    [{ uniqueIdentifier: named(await newKey()) }, ResultReason.InvalidObjectType],
    [{ uniqueIdentifier: named("nothing") }, ResultReason.ObjectNotFound],
    [{ uniqueIdentifier: named(pgp) }, ResultReason.PermissionDenied],
    [{ uniqueIdentifier: named(await registerCertificate(authority.der)) }, ResultReason.PermissionDenied],
    [{ uniqueIdentifier, certificateRequestUniqueIdentifier: uniqueIdentifier }, ResultReason.InvalidObjectType],
    [{ uniqueIdentifier, certificateRequestType: pem }, ResultReason.InvalidField],
    [
      { uniqueIdentifier, protectionStorageMasks: { protectionStorageMask: [ProtectionStorageMask.Hardware] } },
      ResultReason.ProtectionStorageUnavailable,
    ],
  ];
  for (const [payload, reason] of refused) t.equal(await reasonOf(V2_1, payload), reason);
  t.equal(await reasonOf(V1_4, { uniqueIdentifier: named(await newKey()) }), ResultReason.PermissionDenied);
});

t.test("a batch finds the new certificate by the placeholder and by the value of the operation", async (t) => {
  const id = await certified(await newKey());
  const answers = await askAll(client, V2_0, [
    { operation: Operation.ReCertify, payload: { uniqueIdentifier: named(id), attributes: none } },
    { operation: Operation.Get, payload: {} },
    {
      operation: Operation.Get,
      payload: { uniqueIdentifier: { kind: "placeholder", operation: UniqueIdentifier.ReCertify } },
    },
  ]);
  t.equal(answers[1]?.reason, undefined);
  t.same(answers[1]?.item.responsePayload, answers[2]?.item.responsePayload);
});

t.test("another tenant's certificate answers as missing", async (t) => {
  await server.administration.createTenant("other");
  const identity = readIdentity(await server.administration.issueClient("other", "stranger"));
  const stranger = await connectTo(server, { identity });
  t.teardown(() => stranger.close());
  const payload = { uniqueIdentifier: named(await certified(await newKey())), attributes: none };
  const answer = await ask(stranger, V2_1, { operation: Operation.ReCertify, payload });
  t.equal(answer.reason, ResultReason.ObjectNotFound);
});

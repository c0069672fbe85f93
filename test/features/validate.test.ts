import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  CertificateType,
  ObjectType,
  Operation,
  ResultReason,
  RevocationReasonCode,
  ValidityIndicator,
} from "#protocol/enums/index.js";
import { type ProtocolVersion, supportedVersions, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { authorityExtensions, forged, testCertificate } from "#test/support/certificate-requests.js";
import { actionsOf, instance, requested } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, askAll, askFor, named } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const root = await testCertificate({ subject: "/CN=root", extensions: authorityExtensions });
const middle = await testCertificate({ subject: "/CN=middle", issuer: root, extensions: authorityExtensions });
const leaf = await testCertificate({ subject: "/CN=leaf", issuer: middle });

function certificatesOf(...ders: readonly Buffer[]): { certificateType: number; certificateValue: Buffer }[] {
  return ders.map((certificateValue) => ({ certificateType: CertificateType.X_509, certificateValue }));
}

function payloadOf(ders: readonly Buffer[], ids: readonly string[] = [], validityDate?: number): object {
  return {
    certificates: certificatesOf(...ders),
    uniqueIdentifiers: ids.map(named),
    ...(validityDate === undefined ? {} : { validityDate }),
  };
}

async function indicator(version: ProtocolVersion, ...parts: Parameters<typeof payloadOf>): Promise<number> {
  const payload = payloadOf(...parts);
  return (await askFor<{ validityIndicator: number }>(client, version, Operation.Validate, payload)).validityIndicator;
}

async function reasonOf(version: ProtocolVersion, payload: object): Promise<number | undefined> {
  return (await ask(client, version, { operation: Operation.Validate, payload })).reason;
}

async function register(by: KmipClient, der: Buffer): Promise<string> {
  const registered = await askFor<{ uniqueIdentifier: string }>(by, V2_1, Operation.Register, {
    objectType: ObjectType.Certificate,
    attributes: requested(),
    certificate: { certificateType: CertificateType.X_509, certificateValue: der },
  });
  return registered.uniqueIdentifier;
}

t.test("every version tells valid, invalid and unknown chains apart", async (t) => {
  for (const version of supportedVersions) {
    t.equal(await indicator(version, [leaf.der, middle.der, root.der]), ValidityIndicator.Valid);
    t.equal(await indicator(version, [forged(leaf), middle.der, root.der]), ValidityIndicator.Invalid);
    t.equal(await indicator(version, [leaf.der]), ValidityIndicator.Unknown);
  }
});

t.test("the Validity Date is when the chain must be valid", async (t) => {
  const later = Math.floor(Date.now() / 1000) + 40 * 24 * 60 * 60;
  t.equal(await indicator(V2_1, [leaf.der, middle.der, root.der], [], later), ValidityIndicator.Invalid);
});

t.test("certificates of the request and stored ones are one chain, and stored authorities are found", async (t) => {
  const theirRoot = await testCertificate({ subject: "/CN=stored root", extensions: authorityExtensions });
  const theirLeaf = await testCertificate({ subject: "/CN=their leaf", issuer: theirRoot });
  t.equal(await indicator(V2_1, [theirLeaf.der]), ValidityIndicator.Unknown);
  const rootId = await register(client, theirRoot.der);
  t.equal(await indicator(V2_1, [theirLeaf.der]), ValidityIndicator.Valid, "found by its name");
  const leafId = await register(client, theirLeaf.der);
  t.equal(await indicator(V1_4, [], [leafId, rootId]), ValidityIndicator.Valid);
  t.equal(await indicator(V1_4, [theirRoot.der], [leafId]), ValidityIndicator.Valid);
  await actionsOf(client, V2_1).revoke(rootId, RevocationReasonCode.CACompromise);
  t.equal(await indicator(V2_1, [theirLeaf.der, theirRoot.der]), ValidityIndicator.Invalid, "a revoked authority");
});

t.test(
  "what the tenant's authority issued is valid until a client revokes the authority, and then a new one issues",
  async (t) => {
    const pair = await askFor<{ publicKeyUniqueIdentifier: string }>(client, V2_1, Operation.CreateKeyPair, {
      commonAttributes: requested(instance(attributes.cryptographicAlgorithm, 6)),
      privateKeyAttributes: requested(),
      publicKeyAttributes: requested(),
    });
    const { uniqueIdentifier: id } = await askFor<{ uniqueIdentifier: string }>(client, V2_1, Operation.Certify, {
      uniqueIdentifier: named(pair.publicKeyUniqueIdentifier),
      attributes: requested(),
    });
    t.equal(await indicator(V2_1, [], [id]), ValidityIndicator.Valid);
    const [link] = await actionsOf(client, V2_1).values(id, attributes.link);
    const authority = link?.linkedObjectIdentifier;
    if (authority?.kind !== "identifier") throw new TypeError("the certificate is linked to no authority");
    await actionsOf(client, V2_1).revoke(authority.identifier);
    t.equal(await indicator(V2_1, [], [id]), ValidityIndicator.Invalid);
    const again = await askFor<{ uniqueIdentifier: string }>(client, V2_1, Operation.ReCertify, {
      uniqueIdentifier: named(id),
      attributes: requested(),
    });
    t.equal(await indicator(V2_1, [], [again.uniqueIdentifier]), ValidityIndicator.Valid);
  },
);

t.test("a certificate made or registered in the batch can be named by its place", async (t) => {
  const registering = {
    operation: Operation.Register,
    payload: {
      objectType: ObjectType.Certificate,
      attributes: requested(),
      certificate: certificatesOf(root.der)[0],
    },
  };
  const validating = {
    operation: Operation.Validate,
    payload: { certificates: [], uniqueIdentifiers: [{ kind: "batch-item", index: 0 }] },
  };
  const [, validated] = await askAll(client, V2_0, [registering, validating]);
  t.equal(validated?.reason, undefined);
});

t.test("requests that name no chain, no certificates, or too many are refused", async (t) => {
  const key = await actionsOf(client, V2_1).create();
  const refused: readonly (readonly [object, number])[] = [
    [payloadOf([]), ResultReason.InvalidMessage],
    [payloadOf([Buffer.from("no certificate")]), ResultReason.InvalidField],
    [payloadOf([Buffer.from(root.pem)]), ResultReason.InvalidField],
    [payloadOf([], [key]), ResultReason.InvalidObjectType],
    [payloadOf([], ["nothing"]), ResultReason.ObjectNotFound],
    [payloadOf(Array<Buffer>(11).fill(root.der)), ResultReason.InvalidField],
    [
      { certificates: [{ certificateType: CertificateType.PGP, certificateValue: root.der }], uniqueIdentifiers: [] },
      ResultReason.FeatureNotSupported,
    ],
  ];
  for (const [payload, reason] of refused) t.equal(await reasonOf(V2_1, payload), reason);
  t.equal(await reasonOf(V1_4, payloadOf([])), ResultReason.InvalidMessage);
  t.equal(await reasonOf(V1_4, payloadOf([], [key])), ResultReason.InvalidMessage);
  t.equal(await reasonOf(V1_4, payloadOf([], ["nothing"])), ResultReason.ItemNotFound);
});

t.test("another tenant's certificates are neither found by identifier nor by name", async (t) => {
  await server.administration.createTenant("other");
  const identity = readIdentity(await server.administration.issueClient("other", "stranger"));
  const stranger = await connectTo(server, { identity });
  t.teardown(() => stranger.close());
  const authority = await testCertificate({ subject: "/CN=their authority", extensions: authorityExtensions });
  const id = await register(stranger, authority.der);
  t.equal(await reasonOf(V2_1, payloadOf([], [id])), ResultReason.ObjectNotFound);
  const end = await testCertificate({ subject: "/CN=end", issuer: authority });
  t.equal(await indicator(V2_1, [end.der]), ValidityIndicator.Unknown);
});

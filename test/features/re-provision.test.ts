import { createPrivateKey, X509Certificate } from "node:crypto";
import t from "tap";
import {
  CertificateRequestType,
  CertificateType,
  CredentialType,
  KeyFormatType,
  Operation,
  QueryFunction,
  ResultReason,
} from "#protocol/enums/index.js";
import { authentication } from "#protocol/messages/header.js";
import { Tag } from "#protocol/tags.js";
import { V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { curvePair, derRequest } from "#test/support/certificate-requests.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, askAll, askFor, named, structureItem } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
t.teardown(() => server.stop());

async function clientNamed(name: string): Promise<KmipClient> {
  await server.administration.issueClient("demo", name);
  return connectTo(server, { identity: readIdentity(clientFolder(server.home, "demo", name)) });
}

const { authority } = readIdentity(clientFolder(server.home));
const usual = await connectTo(server);
t.teardown(() => usual.close());

interface Reprovisioned {
  readonly uniqueIdentifier: string;
}

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;

async function certificateOf(id: string): Promise<string> {
  const { certificate } = await askFor<{ certificate: { certificateValue: Buffer } }>(usual, V2_1, Operation.Get, {
    uniqueIdentifier: named(id),
  });
  return pemOf(certificate.certificateValue);
}

async function isServed(client: KmipClient): Promise<boolean> {
  const payload = { queryFunctions: [QueryFunction.QueryOperations] };
  return (await ask(client, V2_1, { operation: Operation.Query, payload })).reason === undefined;
}

async function reasonOf(client: KmipClient, payload: object): Promise<number | undefined> {
  return (await ask(client, V2_1, { operation: Operation.ReProvision, payload })).reason;
}

const requestFor = (certificateRequestValue: Buffer): object => ({
  certificateRequest: { certificateRequestType: CertificateRequestType.PKCS_10, certificateRequestValue },
});

t.test("a certificate request becomes the client's certificate, and the old one is worth nothing", async (t) => {
  const client = await clientNamed("renewing");
  const pair = curvePair();
  const request = requestFor(await derRequest(pair, "/CN=whatever it says"));
  const { uniqueIdentifier } = await askFor<Reprovisioned>(client, V2_0, Operation.ReProvision, request);
  t.notOk(await isServed(client));
  const certificate = await certificateOf(uniqueIdentifier);
  t.match(new X509Certificate(certificate).subject, /CN=renewing/);
  const key = pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const renewed = await connectTo(server, { identity: { certificate, key, authority } });
  t.ok(await isServed(renewed));
  await renewed.close();
});

t.test("without parameters the server makes the key, which the client can get until it connects with it", async (t) => {
  const client = await clientNamed("keyless");
  const { uniqueIdentifier } = await askFor<Reprovisioned>(client, V2_1, Operation.ReProvision, {});
  const { privateKey } = await askFor<{ privateKey: { keyBlock: { keyValue: { keyMaterial: Buffer } } } }>(
    usual,
    V2_1,
    Operation.Get,
    { uniqueIdentifier: named(uniqueIdentifier), keyFormatType: KeyFormatType.PKCS_8 },
  );
  const { attributes } = await askFor<{
    attributes: readonly { value: { linkedObjectIdentifier: { identifier: string } } }[];
  }>(usual, V2_1, Operation.GetAttributes, { uniqueIdentifier: named(uniqueIdentifier), attributeNames: ["Link"] });
  const certificate = await certificateOf(attributes[0]?.value.linkedObjectIdentifier.identifier ?? "");
  const pkcs8 = createPrivateKey({ key: privateKey.keyBlock.keyValue.keyMaterial, format: "der", type: "pkcs8" });
  const key = pkcs8.export({ format: "pem", type: "pkcs8" }).toString();
  const renewed = await connectTo(server, { identity: { certificate, key, authority } });
  t.ok(await isServed(renewed));
  await renewed.close();
  await client.close();
});

t.test(
  "what is no sound certificate or request for this client is refused, and its certificate stays good",
  async (t) => {
    const client = await clientNamed("mistaken");
    const forged = await derRequest(curvePair(), "/CN=x");
    forged[forged.length - 5] = (forged[forged.length - 5] ?? 0) ^ 1;
    const x509 = (file: X509Certificate, certificateType: number = CertificateType.X_509): object => ({
      certificate: { certificateType, certificateValue: file.raw },
    });
    const own = new X509Certificate(readIdentity(clientFolder(server.home, "demo", "mistaken")).certificate ?? "");
    const others = new X509Certificate(readIdentity(clientFolder(server.home)).certificate ?? "");
    const refusals: readonly [object, number][] = [
      [requestFor(forged), ResultReason.CryptographicFailure],
      [requestFor(Buffer.from("no request")), ResultReason.CryptographicFailure],
      [x509(others), ResultReason.CryptographicFailure],
      [x509(new X509Certificate(authority)), ResultReason.CryptographicFailure],
      [
        { certificate: { certificateType: 1, certificateValue: Buffer.from("none") } },
        ResultReason.CryptographicFailure,
      ],
      [x509(own), ResultReason.InvalidField],
      [x509(own, CertificateType.PGP), ResultReason.InvalidField],
      [{ ...x509(own), ...requestFor(forged) }, ResultReason.InvalidField],
    ];
    for (const [payload, reason] of refusals) t.equal(await reasonOf(client, payload), reason);
    t.ok(await isServed(client));
    await client.close();
  },
);

t.test("a delegated ticket gets its bearer no certificate, and versions before 2.0 have no such thing", async (t) => {
  const { ticket } = await askFor<{ ticket: object }>(usual, V2_1, Operation.DelegatedLogin, {
    rights: { right: [{}] },
  });
  const credential = [{ credentialType: CredentialType.Ticket, credentialValue: { ticket } }];
  const header = authentication.encode(Tag.Authentication, { credential } as never, { version: V2_1 });
  const [answer] = await askAll(usual, V2_1, [{ operation: Operation.ReProvision, payload: {} }], [header]);
  t.equal(answer?.reason, ResultReason.PermissionDenied);
  const old = { operation: Operation.ReProvision, payload: structureItem(Tag.RequestPayload) };
  t.equal((await ask(usual, V1_4, old)).reason, ResultReason.OperationNotSupported);
});

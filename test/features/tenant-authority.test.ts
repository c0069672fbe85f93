import { X509Certificate } from "node:crypto";
import t from "tap";
import { certificatesOf } from "#certs/pem.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { CertificateRequestType, LinkType, Operation } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { curvePair, pemRequest } from "#test/support/certificate-requests.js";
import { actionsOf, requested } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { askFor } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, runKeyreeve, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

async function certifying(): Promise<object> {
  return {
    certificateRequestType: CertificateRequestType.PEM,
    certificateRequestValue: await pemRequest(curvePair(), "/CN=device"),
    attributes: requested(),
  };
}

async function certificateBy(by: KmipClient): Promise<{ readonly id: string; readonly certificate: X509Certificate }> {
  const { uniqueIdentifier: id } = await askFor<{ uniqueIdentifier: string }>(
    by,
    V2_1,
    Operation.Certify,
    await certifying(),
  );
  const given = await actionsOf(by, V2_1).act<{ certificate: { certificateValue: Buffer } }>(Operation.Get, id);
  return { id, certificate: new X509Certificate(given.certificate.certificateValue) };
}

async function authorityOf(tenant: string): Promise<X509Certificate> {
  const { code, stdout, stderr } = await runKeyreeve(server.home, ["tenant", "ca", tenant]);
  if (code !== 0) throw new Error(stderr);
  const [pem = ""] = certificatesOf(stdout);
  return new X509Certificate(pem);
}

t.test("before the first Certify there is nothing to print", async (t) => {
  const { code, stdout, stderr } = await runKeyreeve(server.home, ["tenant", "ca", "demo"]);
  t.not(code, 0);
  t.equal(stdout, "");
  t.match(stderr, /no certification authority yet/);
});

t.test("an operator gets the authority that issues, and clients the same as an object", async (t) => {
  const { id, certificate } = await certificateBy(client);
  const authority = await authorityOf("demo");
  t.ok(certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
  t.ok(authority.ca);
  const links = await actionsOf(client, V2_1).values(id, attributes.link);
  const link = links.find(({ linkType }) => linkType === LinkType.CertificateLink)?.linkedObjectIdentifier;
  const linked = link?.kind === "identifier" ? link.identifier : "none";
  const given = await actionsOf(client, V2_1).act<{ certificate: { certificateValue: Buffer } }>(Operation.Get, linked);
  t.same(given.certificate.certificateValue, authority.raw);
});

t.test("requests at the same time make one authority", async (t) => {
  await server.administration.createTenant("racing");
  const identity = readIdentity(await server.administration.issueClient("racing", "racer"));
  const racers = await Promise.all([0, 1, 2, 3].map(() => connectTo(server, { identity })));
  const made = await Promise.all(racers.map(certificateBy));
  await Promise.all(racers.map((racer) => racer.close()));
  const authority = await authorityOf("racing");
  for (const { certificate } of made) t.ok(certificate.verify(authority.publicKey));
});

t.test(
  "a tenant of token custody has its authority's key in the token, and no client can use or see that key",
  async (t) => {
    await runKeyreeve(server.home, ["tenant", "create", "vault", "--custody", "token"]);
    await server.administration.issueClient("vault", "teller");
    const identity = readIdentity(clientFolder(server.home, "vault", "teller"));
    const teller = await connectTo(server, { identity });
    t.teardown(() => teller.close());
    const { certificate } = await certificateBy(teller);
    t.match(certificate.issuer, /OU=vault/);
    const objects = await actionsOf(teller, V2_1).locate();
    t.equal(objects.length, 3, "the certificate, its public key, and the certificate of the authority");
  },
);

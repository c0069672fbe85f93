import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import t from "tap";
import { createCertificateAuthority, issueClientCertificate } from "#certs/certificates.js";
import { peerCertificate } from "#certs/peer-certificate.js";
import { derOfPem } from "#certs/pem.js";

const ca = await createCertificateAuthority({ commonName: "an authority", validityDays: 1 });
const { certificatePem, privateKeyPem } = await issueClientCertificate({ ca, commonName: "a client", validityDays: 1 });
const der = derOfPem(certificatePem, /^CERTIFICATE$/);

const server = createServer({
  cert: certificatePem,
  key: privateKeyPem,
  requestCert: true,
  rejectUnauthorized: false,
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
t.teardown(() => server.close());

/** The server's side of a connection, and the client's. */
async function connected(options: object): Promise<readonly [TLSSocket, TLSSocket]> {
  const client = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  const [[served]] = await Promise.all([once(server, "secureConnection"), once(client, "secureConnect")]);
  return [served as TLSSocket, client];
}

for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
  t.test(
    `in ${maxVersion} the certificate of a client is read, alone and with a chain, and anew each time`,
    async (t) => {
      for (const cert of [certificatePem, `${certificatePem}\n${ca.certificatePem}`]) {
        const [served, client] = await connected({ cert, key: privateKeyPem, maxVersion });
        t.same(peerCertificate(served)?.raw, der);
        t.same(peerCertificate(served)?.raw, der);
        client.destroy();
      }
    },
  );

  t.test(`in ${maxVersion} it is read of a session that is resumed`, async (t) => {
    const options = { cert: certificatePem, key: privateKeyPem, maxVersion };
    const [first, client] = await connected(options);
    // TLS 1.3 gives sessions after the handshake.
    first.write("x");
    const session = maxVersion === "TLSv1.2" ? client.getSession() : (await once(client, "session"))[0];
    client.destroy();
    const [served, again] = await connected({ ...options, session });
    t.ok(again.isSessionReused(), "it is resumed");
    t.same(peerCertificate(served)?.raw, der);
    again.destroy();
  });
}

t.test("a client that shows none has none", async (t) => {
  const [served, client] = await connected({});
  t.equal(peerCertificate(served), undefined);
  client.destroy();
});

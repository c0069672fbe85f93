/** A bare TLS echo with the server's own listener and no KMIP behind it; started by main.ts. */
import { pemBundle } from "#certs/pem.js";
import { makeTestCertificates } from "#test/support/tls.js";
import { startEchoServer } from "./tls-echo.js";

const { ca, ecServer, client } = await makeTestCertificates();
const echo = await startEchoServer({
  port: 0,
  tls: { certificates: [ecServer], clientAuthorities: [ca.certificatePem] },
});
process.send?.({
  port: echo.port,
  identity: {
    certificate: client.certificatePem,
    key: client.privateKeyPem,
    authority: pemBundle(ca.certificatePem),
  },
});
process.once("disconnect", () => {
  echo.stop().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
});

import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { createCertificateAuthority, issueClientCertificate } from "#certs/certificates.js";
import {
  connectTestClient,
  echoHandler,
  makeServerCertificate,
  makeTestCertificates,
  messageOf,
  startTestListener,
} from "#test/support/tls.js";

const certificates = await makeTestCertificates();
const request = messageOf("a request");
const slowHandler = (milliseconds: number) => ({
  ...echoHandler,
  onMessage: async (_connection: unknown, message: Buffer) => {
    await delay(milliseconds);
    return message;
  },
});

t.test("a stop answers the requests that arrived, ends the connections and accepts nothing more", async (t) => {
  const { port, listener, closed, until } = await startTestListener(t, certificates, { handler: slowHandler(60) });
  const working = await connectTestClient(certificates, port);
  const idle = await connectTestClient(certificates, port);
  for (const client of [working, idle]) client.socket.on("end", () => client.socket.end());
  await until(() => listener.connections().length === 2);
  await working.send(Buffer.concat([request, request, request.subarray(0, 9)]));
  await delay(20);
  const stopped = listener.stop({ timeoutMilliseconds: 5000 });
  t.same(await working.readAll(), Buffer.concat([request, request]));
  t.same(await idle.readAll(), Buffer.alloc(0));
  t.same([working.ended, idle.ended], ["end", "end"]);
  t.same(await stopped, { cut: 0 });
  t.same(closed, ["the server is stopping", "the server is stopping"]);
  await t.rejects(connectTestClient(certificates, port), { code: "ECONNREFUSED" });
});

t.test("a stop cuts what is not done in its time", async (t) => {
  const { port, listener, closed, until } = await startTestListener(t, certificates, {
    handler: { ...echoHandler, onMessage: () => new Promise<Buffer>(() => undefined) },
  });
  const client = await connectTestClient(certificates, port);
  await until(() => listener.connections().length === 1);
  await client.send(request);
  await delay(20);
  t.same(await listener.stop({ timeoutMilliseconds: 50 }), { cut: 1 });
  await client.readAll();
  t.same(closed, ["the server stopped before its request was done"]);
});

t.test("a stop ends handshakes in progress and clients that never close", async (t) => {
  const { port, listener, failures, until } = await startTestListener(t, certificates, {
    limits: { lingerMilliseconds: 50 },
  });
  const silent = connectTcp(port, "127.0.0.1");
  await until(() => listener.handshakesInProgress === 1);
  const stubborn = await connectTestClient(certificates, port);
  await until(() => listener.connections().length === 1);
  t.same(await listener.stop({ timeoutMilliseconds: 5000 }), { cut: 0 });
  t.match(failures, [{ code: "stopping" }]);
  silent.destroy();
  stubborn.socket.destroy();
});

t.test("new certificates and authorities hold for new handshakes and leave open connections alone", async (t) => {
  const { port, listener, failures, until } = await startTestListener(t, certificates);
  const before = await connectTestClient(certificates, port);
  await before.send(request);
  await before.read(request.length);
  const authority = await createCertificateAuthority({ commonName: "Next authority", validityDays: 1 });
  const server = await makeServerCertificate(authority, "ec-p256");
  listener.reload({ certificates: [server], clientAuthorities: [authority.certificatePem] });
  await before.send(request);
  t.same(await before.read(request.length), request, "the open connection goes on");
  const as = await issueClientCertificate({ ca: authority, commonName: "next", validityDays: 1 });
  const after = await connectTestClient(certificates, port, { as, ca: authority.certificatePem });
  t.equal(after.socket.getPeerX509Certificate()?.issuer, "CN=Next authority");
  await after.send(request);
  t.same(await after.read(request.length), request);
  const old = await connectTestClient(certificates, port, { ca: authority.certificatePem });
  await old.readAll();
  await until(() => failures.length === 1);
  t.equal(failures[0]?.code, "unknown-authority");
});

t.test("a reload that cannot work is refused and the old certificates stay", async (t) => {
  const { port, listener } = await startTestListener(t, certificates);
  const broken = { ...certificates.ecServer, privateKeyPem: certificates.rsaServer.privateKeyPem };
  t.throws(() => listener.reload({ certificates: [broken], clientAuthorities: [certificates.ca.certificatePem] }), {
    name: "TlsSettingsError",
  });
  const client = await connectTestClient(certificates, port);
  await client.send(request);
  t.same(await client.read(request.length), request);
});

t.test("a revoked client's open connections are cut at once, others stay", async (t) => {
  const { port, listener, closed, until } = await startTestListener(t, certificates, { handler: slowHandler(30) });
  const as = await issueClientCertificate({ ca: certificates.ca, commonName: "revoked", validityDays: 1 });
  const revoked = await connectTestClient(certificates, port, { as });
  const other = await connectTestClient(certificates, port);
  await until(() => listener.connections().length === 2);
  await revoked.send(request);
  const cut = listener.destroyWhere(({ peer }) => peer?.subject === "CN=revoked", "the client is revoked");
  t.equal(cut, 1);
  t.same(await revoked.readAll(), Buffer.alloc(0), "not even the answer in work");
  await until(() => closed.length === 1);
  t.same(closed, ["the client is revoked"]);
  await other.send(request);
  t.same(await other.read(request.length), request);
});

t.test("a listener on an address in use rejects", async (t) => {
  const { port } = await startTestListener(t, certificates);
  await t.rejects(startTestListener(t, certificates, { port }), { code: "EADDRINUSE" });
});

t.test("a stopped listener frees its port for the next", async (t) => {
  const { port, listener } = await startTestListener(t, certificates);
  await listener.stop({ timeoutMilliseconds: 100 });
  const next = await startTestListener(t, certificates, { port });
  const client = await connectTestClient(certificates, next.port);
  client.socket.end();
  await once(client.socket, "close");
});

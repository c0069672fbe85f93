import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { issueClientCertificate } from "#certs/certificates.js";
import { connectTestClient, makeTestCertificates, messageOf, startTestListener } from "#test/support/tls.js";

const certificates = await makeTestCertificates();
const request = messageOf("a request");

async function connectSilently(port: number) {
  const socket = connectTcp(port, "127.0.0.1");
  socket.on("error", () => socket.destroy());
  socket.resume();
  await once(socket, "connect");
  return socket;
}

t.test("a connection that stays silent is ended when its time is over", async (t) => {
  const { port, failures, until } = await startTestListener(t, certificates, { limits: { firstByteMilliseconds: 50 } });
  const socket = await connectSilently(port);
  await once(socket, "close");
  await until(() => failures.length === 1);
  t.equal(failures[0]?.code, "no-data-in-time");
});

t.test("a handshake that stops half-way is ended when its time is over", async (t) => {
  const { port, failures, until } = await startTestListener(t, certificates, { limits: { handshakeMilliseconds: 50 } });
  const socket = await connectSilently(port);
  socket.write(Buffer.from("16030102000100", "hex"));
  await once(socket, "close");
  await until(() => failures.length === 1);
  t.equal(failures[0]?.code, "handshake-timeout");
});

t.test("connections in all are capped, and a place that becomes free is given again", async (t) => {
  const { port, failures, closed, until } = await startTestListener(t, certificates, {
    limits: { maximumConnections: 2 },
  });
  const first = await connectTestClient(certificates, port);
  await connectTestClient(certificates, port);
  await t.rejects(connectTestClient(certificates, port));
  await until(() => failures.length === 1);
  t.match(failures[0], { code: "connections-in-all", remoteAddress: "127.0.0.1" });
  first.socket.destroy();
  await until(() => closed.length === 1);
  const again = await connectTestClient(certificates, port);
  await again.send(request);
  t.same(await again.read(request.length), request);
});

t.test("connections of one address are capped, silent ones included", async (t) => {
  const { port, failures, until } = await startTestListener(t, certificates, {
    limits: { maximumConnectionsPerAddress: 2 },
  });
  const silent = await connectSilently(port);
  await connectTestClient(certificates, port);
  await t.rejects(connectTestClient(certificates, port));
  await until(() => failures.length === 1);
  t.equal(failures[0]?.code, "connections-of-address");
  silent.destroy();
  await until(() => failures.length === 2);
  await t.resolves(connectTestClient(certificates, port));
});

t.test("connections of one certificate are capped, those of another are not", async (t) => {
  const { port, failures, until } = await startTestListener(t, certificates, {
    limits: { maximumConnectionsPerClient: 1 },
  });
  const first = await connectTestClient(certificates, port);
  await first.send(request);
  await first.read(request.length);
  const second = await connectTestClient(certificates, port);
  await second.readAll();
  await until(() => failures.length === 1);
  t.match(failures[0], { code: "connections-of-client", peer: { subject: "CN=test-client" } });
  const as = await issueClientCertificate({ ca: certificates.ca, commonName: "other", validityDays: 1 });
  const other = await connectTestClient(certificates, port, { as });
  await other.send(request);
  t.same(await other.read(request.length), request);
});

t.test("silent connections cannot keep others out: the oldest are ended for the newest", async (t) => {
  const { port, failures, listener, until } = await startTestListener(t, certificates, {
    limits: { maximumHandshakes: 5, handshakeGraceMilliseconds: 0 },
  });
  const ports: (number | undefined)[] = [];
  for (let count = 0; count < 20; count++) ports.push((await connectSilently(port)).localPort);
  await until(() => failures.length === 15);
  t.same(new Set(failures.map(({ code }) => code)), new Set(["handshakes-in-progress"]));
  t.equal(listener.handshakesInProgress, 5);
  t.same(
    failures.map(({ remotePort }) => remotePort),
    ports.slice(0, 15),
    "the oldest first",
  );
  const client = await connectTestClient(certificates, port);
  await client.send(request);
  t.same(await client.read(request.length), request);
});

t.test("a handshake that has begun is spared while there is a silent connection to end", async (t) => {
  const { port, failures, until } = await startTestListener(t, certificates, {
    limits: { maximumHandshakes: 2, handshakeGraceMilliseconds: 0 },
  });
  const begun = await connectSilently(port);
  begun.write(Buffer.from("16030102000100", "hex"));
  await delay(50);
  const { localPort } = await connectSilently(port);
  await connectSilently(port);
  await until(() => failures.length === 1);
  t.equal(failures[0]?.remotePort, localPort);
});

t.test("a storm of honest clients above the cap gets through", async (t) => {
  const { port, failures } = await startTestListener(t, certificates, { limits: { maximumHandshakes: 4 } });
  const clients = await Promise.all(Array.from({ length: 24 }, () => connectTestClient(certificates, port)));
  for (const client of clients) {
    await client.send(request);
    t.same(await client.read(request.length), request);
  }
  t.same(failures, []);
});

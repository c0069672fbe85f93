import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { holdAfter, shortened } from "#src/net/holding-back.js";
import type { ListenerLimits } from "#src/net/limits.js";
import {
  connectTestClient,
  echoHandler,
  makeTestCertificates,
  messageOf,
  startTestListener,
} from "#test/support/tls.js";

const certificates = await makeTestCertificates();
const refused = messageOf("refused");
const served = messageOf("served");
/** Longer than any test takes. */
const endless = { firstHoldMilliseconds: 3_600_000, longestHoldMilliseconds: 3_600_000 };
const short = { firstHoldMilliseconds: 20, longestHoldMilliseconds: 40 };

/** A listener that refuses `refused` for now, and keeps what its handler was given. */
async function start(test: Parameters<typeof startTestListener>[0], limits: Partial<ListenerLimits>) {
  const taken: Buffer[] = [];
  const started = await startTestListener(test, certificates, {
    limits,
    handler: {
      ...echoHandler,
      onMessage: async (connection, message) => {
        taken.push(message);
        if (message.equals(refused)) connection.holdBack();
        return message;
      },
    },
  });
  return { ...started, taken };
}

/** How long a client is held back after each of these requests; `x` is one that is refused. */
function holdsAfter(requests: string, limits: Parameters<typeof holdAfter>[2]): readonly number[] {
  let hold = 0;
  return [...requests].map((request) => {
    hold = holdAfter(hold, request === "x", limits);
    return Math.round(hold);
  });
}

t.test("a client is held back twice as long after each refusal in a row, up to the longest", async (t) => {
  const limits = { firstHoldMilliseconds: 25, longestHoldMilliseconds: 1000 };
  t.same(holdsAfter("xxxxxxxx", limits), [25, 50, 100, 200, 400, 800, 1000, 1000]);
});

t.test("chance shortens the time, never to less than half", async (t) => {
  t.equal(shortened(100, 0), 100);
  t.equal(shortened(100, 1), 50);
});

t.test("two requests that are served make up for one refusal, and who makes up for all begins anew", async (t) => {
  const limits = { firstHoldMilliseconds: 100, longestHoldMilliseconds: 1000 };
  t.same(holdsAfter("xx..x", limits), [100, 200, 141, 100, 200]);
  t.same(holdsAfter("x...x", limits), [100, 71, 50, 35, 100]);
});

t.test("a refusal leaves at once, and what comes behind it waits, while others are served", async (t) => {
  const { port, taken, listener } = await start(t, endless);
  const flooding = await connectTestClient(certificates, port);
  const other = await connectTestClient(certificates, port);
  await flooding.send(Buffer.concat([refused, served]));
  t.same(await flooding.read(refused.length), refused, "the refusal is there");
  await flooding.send(served);
  t.equal(listener.heldBack, 1);
  for (let count = 0; count < 50; count += 1) {
    await other.send(served);
    t.same(await other.read(served.length), served);
  }
  t.equal(taken.length, 51, "nothing more was taken of the one that was refused");
  t.equal(listener.heldBack, 1);
});

t.test("a request that waits is served when its time has come, and then the next ones at once", async (t) => {
  const { port, taken, listener } = await start(t, short);
  const client = await connectTestClient(certificates, port);
  await client.send(Buffer.concat([refused, refused, refused, served, served]));
  const all = Buffer.concat([refused, refused, refused, served, served]);
  t.same(await client.read(all.length), all);
  t.equal(taken.length, 5);
  t.equal(listener.heldBack, 0);
});

t.test("one refusal among two requests that are served never makes a client wait longer", async (t) => {
  const { port } = await start(t, { firstHoldMilliseconds: 1, longestHoldMilliseconds: 3_600_000 });
  const client = await connectTestClient(certificates, port);
  // Without the requests between them, forty refusals in a row would take years.
  const three = Buffer.concat([refused, served, served]);
  for (let count = 0; count < 40; count += 1) {
    await client.send(three);
    t.same(await client.read(three.length), three);
  }
});

t.test("a stop ends at once while clients are held back, and answers what had come", async (t) => {
  const { port, listener, closed } = await start(t, endless);
  const clients = await Promise.all([1, 2, 3].map(() => connectTestClient(certificates, port)));
  for (const client of clients) {
    await client.send(refused);
    await client.read(refused.length);
  }
  await clients[0]?.send(Buffer.concat([served, refused, served]));
  // Answered behind it: what was sent before has come.
  const other = await connectTestClient(certificates, port);
  await other.send(served);
  await other.read(served.length);
  const stopped = listener.stop({ timeoutMilliseconds: 3_600_000 });
  const answers = await clients[0]?.readAll();
  for (const client of clients) {
    await client.readAll();
    t.equal(client.ended, "end");
    client.socket.end();
  }
  other.socket.end();
  t.same(await stopped, { cut: 0 });
  t.same(answers, Buffer.concat([served, refused, served]));
  t.same(closed, Array(4).fill("the server is stopping"));
});

t.test("a client that leaves while it is held back is gone when its time has come", async (t) => {
  const { port, listener, closed, until } = await start(t, short);
  const client = await connectTestClient(certificates, port);
  await client.send(refused);
  await client.read(refused.length);
  client.socket.destroy();
  await until(() => listener.connections().length === 0);
  t.equal(listener.heldBack, 0);
  t.equal(closed.length, 1);
});

t.test("a connection that is held back is cut like any other", async (t) => {
  const { port, listener, until } = await start(t, endless);
  const client = await connectTestClient(certificates, port);
  await client.send(refused);
  await client.read(refused.length);
  t.equal(
    listener.destroyWhere(() => true, "revoked"),
    1,
  );
  await until(() => listener.connections().length === 0);
  t.equal(listener.heldBack, 0);
});

t.test("the time of holding back counts neither as idleness nor as slowness of the client", async (t) => {
  const { port, closed, until } = await start(t, {
    firstHoldMilliseconds: 400,
    longestHoldMilliseconds: 400,
    idleMilliseconds: 100,
    messageMilliseconds: 100,
  });
  const client = await connectTestClient(certificates, port);
  await client.send(Buffer.concat([refused, served.subarray(0, 10)]));
  t.same(await client.read(refused.length), refused);
  await client.send(served.subarray(10));
  t.same(await client.read(served.length), served);
  client.socket.end();
  await until(() => closed.length === 1);
  t.same(closed, ["closed by the client"]);
});

t.test("a client that is held back and sends without end is not read", async (t) => {
  const { port, taken } = await start(t, endless);
  const client = await connectTestClient(certificates, port);
  await client.send(refused);
  await client.read(refused.length);
  const atStart = process.memoryUsage().arrayBuffers;
  const flood = messageOf(Buffer.alloc(8 * 1024));
  for (let count = 0; count < 4000; count += 1) client.socket.write(flood);
  for (let unchanged = 0, before = -1; unchanged < 10; unchanged += 1) {
    await delay(20);
    if (client.socket.writableLength !== before) unchanged = 0;
    before = client.socket.writableLength;
  }
  t.ok(client.socket.writableLength > 0, "the rest never leaves the client");
  const held = process.memoryUsage().arrayBuffers - atStart;
  t.ok(held < 4 << 20, `${held} of 32 MiB are held`);
  t.equal(taken.length, 1);
  client.socket.destroy();
});

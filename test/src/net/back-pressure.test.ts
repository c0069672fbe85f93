import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import {
  connectTestClient,
  echoHandler,
  makeTestCertificates,
  messageOf,
  startTestListener,
} from "#test/support/tls.js";

const certificates = await makeTestCertificates();
const request = messageOf("a request of some bytes");

t.test("a request that trickles in is given up when its time is over, however steady the bytes", async (t) => {
  const { port, closed, until } = await startTestListener(t, certificates, { limits: { messageMilliseconds: 150 } });
  const client = await connectTestClient(certificates, port);
  await client.send(request);
  await client.read(request.length);
  let sent = 0;
  const trickle = setInterval(() => client.socket.write(messageOf(Buffer.alloc(65_536)).subarray(sent, ++sent)), 10);
  t.same(await client.readAll(), messageOf("too-slow"));
  clearInterval(trickle);
  client.socket.destroy();
  await until(() => closed.length === 1);
  t.same(closed, ["the request was too-slow"]);
});

t.test("time spent behind another request does not count as slowness of the client", async (t) => {
  const { port } = await startTestListener(t, certificates, {
    limits: { messageMilliseconds: 60 },
    handler: {
      ...echoHandler,
      onMessage: async (_connection, message) => {
        await delay(150);
        return message;
      },
    },
  });
  const client = await connectTestClient(certificates, port);
  await client.send(Buffer.concat([request, request.subarray(0, 10)]));
  await client.read(request.length);
  await client.send(request.subarray(10));
  t.same(await client.read(request.length), request);
});

t.test("an idle connection is ended when its time is over, one at work is not", async (t) => {
  const { port, closed, until } = await startTestListener(t, certificates, {
    limits: { idleMilliseconds: 100 },
    handler: {
      ...echoHandler,
      onMessage: async (_connection, message) => {
        await delay(300);
        return message;
      },
    },
  });
  const client = await connectTestClient(certificates, port);
  await client.send(request);
  t.same(await client.read(request.length), request);
  await client.readAll();
  t.equal(client.ended, "end");
  client.socket.end();
  await until(() => closed.length === 1);
  t.same(closed, ["idle for too long"]);
});

t.test("a client that does not take its answers is not read further, and cut in the end", async (t) => {
  let answered = 0;
  const answer = messageOf(Buffer.alloc(1 << 20));
  const { port, closed, until } = await startTestListener(t, certificates, {
    limits: { writeMilliseconds: 300, maximumUnsentBytes: 1 << 20 },
    handler: {
      ...echoHandler,
      onMessage: async () => {
        answered++;
        return answer;
      },
    },
  });
  const client = await connectTestClient(certificates, port);
  client.socket.pause();
  for (let count = 0; count < 200; count++) client.socket.write(request);
  await until(() => closed.length === 1);
  t.same(closed, ["the client did not take its answer in time"]);
  t.ok(answered < 30, `answered ${answered} of 200: what the kernel's buffers hold and little more`);
});

t.test("a client that sends without end is not read beyond what may wait", async (t) => {
  const { port, listener, until } = await startTestListener(t, certificates, {
    handler: { ...echoHandler, onMessage: () => new Promise<Buffer>(() => undefined) },
  });
  const client = await connectTestClient(certificates, port);
  await until(() => listener.connections().length === 1);
  const flood = messageOf(Buffer.alloc(8 * 1024));
  for (let count = 0; count < 4000; count++) client.socket.write(flood);
  const atStart = process.memoryUsage().arrayBuffers;
  for (let unchanged = 0, before = 0; unchanged < 10; unchanged++) {
    await delay(50);
    const now = process.memoryUsage().arrayBuffers;
    if (now !== before) unchanged = 0;
    before = now;
  }
  t.ok(client.socket.writableLength > 0, "the rest never leaves the client");
  const held = process.memoryUsage().arrayBuffers - atStart;
  t.ok(held < 4 << 20, `${held} of 32 MiB are held`);
  client.socket.destroy();
});

t.test("a client that pipelines more requests than may wait gets every answer all the same", async (t) => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { port } = await startTestListener(t, certificates, {
    limits: { maximumPipelinedRequests: 2 },
    handler: {
      ...echoHandler,
      onMessage: async (_connection, message) => {
        await held;
        return message;
      },
    },
  });
  const client = await connectTestClient(certificates, port);
  for (let count = 0; count < 50; count++) await client.send(request);
  release();
  t.equal((await client.read(request.length * 50)).length, request.length * 50);
});

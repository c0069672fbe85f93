import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import type { ConnectionInfo } from "#src/net/handler.js";
import {
  connectTestClient,
  echoHandler,
  makeTestCertificates,
  messageOf,
  startTestListener,
} from "#test/support/tls.js";

const certificates = await makeTestCertificates();
const request = messageOf("a request of some bytes");

t.test("a message split at each of its bytes over two records is answered", async (t) => {
  const { port } = await startTestListener(t, certificates);
  const client = await connectTestClient(certificates, port);
  for (let cut = 1; cut < request.length; cut++) {
    await client.send(request.subarray(0, cut));
    await client.send(request.subarray(cut));
    t.same(await client.read(request.length), request, `cut at byte ${cut}`);
  }
});

t.test("a message of one byte a record is answered", async (t) => {
  const { port } = await startTestListener(t, certificates);
  const client = await connectTestClient(certificates, port);
  for (const byte of request) client.socket.write(Buffer.of(byte));
  t.same(await client.read(request.length), request);
});

t.test("several messages in one record are answered in order, handlers finishing in any", async (t) => {
  const delays = [30, 1, 20, 0, 10];
  let inWork = 0;
  let mostInWork = 0;
  const { port } = await startTestListener(t, certificates, {
    handler: {
      ...echoHandler,
      onMessage: async (_connection, message) => {
        mostInWork = Math.max(mostInWork, ++inWork);
        await delay(delays[message[8] ?? 0] ?? 0);
        inWork--;
        return message;
      },
    },
  });
  const client = await connectTestClient(certificates, port);
  const all = Buffer.concat(delays.map((_, index) => messageOf(Buffer.of(index))));
  client.socket.write(all);
  t.same(await client.read(all.length), all);
  t.equal(mostInWork, 1, "one request of a connection is in work at a time");
});

t.test("connections do not wait for each other", async (t) => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = messageOf("slow");
  const { port } = await startTestListener(t, certificates, {
    handler: {
      ...echoHandler,
      onMessage: async (_connection, message) => {
        if (message.equals(slow)) await held;
        return message;
      },
    },
  });
  const first = await connectTestClient(certificates, port);
  const second = await connectTestClient(certificates, port);
  await first.send(slow);
  await second.send(request);
  t.same(await second.read(request.length), request);
  release();
  t.same(await first.read(slow.length), slow);
});

t.test("an answer of 15 KiB goes out as one TLS record", async (t) => {
  const { port } = await startTestListener(t, certificates);
  const client = await connectTestClient(certificates, port);
  const large = messageOf(Buffer.alloc(15 * 1024, 1));
  const sizes: number[] = [];
  client.socket.on("data", (chunk: Buffer) => sizes.push(chunk.length));
  await client.send(large);
  t.same(await client.read(large.length), large);
  t.same(sizes, [large.length]);
});

t.test("a megabyte goes in and out whole", async (t) => {
  const { port } = await startTestListener(t, certificates);
  const client = await connectTestClient(certificates, port);
  const large = messageOf(Buffer.alloc((1 << 20) - 8, 5));
  client.socket.write(large);
  t.ok((await client.read(large.length)).equals(large));
});

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  t.test(`a client that ends right after its requests gets every answer, in ${version}`, async (t) => {
    const { port, closed, until } = await startTestListener(t, certificates, {
      handler: {
        ...echoHandler,
        onMessage: async (_connection, message) => {
          await delay(20);
          return message;
        },
      },
    });
    const client = await connectTestClient(certificates, port, { minVersion: version, maxVersion: version });
    client.socket.end(Buffer.concat([request, request]));
    t.same(await client.readAll(), Buffer.concat([request, request]));
    t.equal(client.ended, "end");
    await until(() => closed.length === 1);
    t.same(closed, ["closed by the client"]);
  });
}

t.test("a request cut off by the client's end gets the last answer for truncated ones", async (t) => {
  const { port, closed, until } = await startTestListener(t, certificates);
  const client = await connectTestClient(certificates, port);
  client.socket.end(Buffer.concat([request, request.subarray(0, 11)]));
  t.same(await client.readAll(), Buffer.concat([request, messageOf("truncated")]));
  await until(() => closed.length === 1);
  t.same(closed, ["the request was truncated"]);
});

t.test(
  "an oversized request is answered at its header and the connection ended, the bytes still under way",
  async (t) => {
    const { port, closed, until } = await startTestListener(t, certificates, { limits: { maximumMessageBytes: 64 } });
    const client = await connectTestClient(certificates, port);
    client.socket.write(
      Buffer.concat([messageOf(Buffer.alloc(56)), messageOf(Buffer.alloc(64)), Buffer.alloc(200_000)]),
    );
    const answers = Buffer.concat([messageOf(Buffer.alloc(56)), messageOf("too-large")]);
    t.same(await client.readAll(), answers);
    t.equal(client.ended, "end", "an orderly end, no reset");
    await until(() => closed.length === 1);
    t.same(closed, ["the request was too-large"]);
  },
);

t.test("garbage gets the last answer the handler gives, or an orderly end where it gives none", async (t) => {
  const headers: Buffer[] = [];
  let answer: Buffer | null = messageOf("refused");
  const { port } = await startTestListener(t, certificates, {
    handler: {
      ...echoHandler,
      onUnreadable: (_connection, _reason, headerBytes) => {
        headers.push(headerBytes);
        return answer;
      },
    },
  });
  const client = await connectTestClient(certificates, port);
  client.socket.write("GET / HTTP/1.1\r\n\r\n");
  t.same(await client.readAll(), messageOf("refused"));
  answer = null;
  const other = await connectTestClient(certificates, port);
  other.socket.write(Buffer.alloc(100, 0xff));
  t.same(await other.readAll(), Buffer.alloc(0));
  t.equal(other.ended, "end");
  t.same(headers, [Buffer.from("GET / HT"), Buffer.alloc(8, 0xff)]);
  const next = await connectTestClient(certificates, port);
  await next.send(request);
  t.same(await next.read(request.length), request, "the next client is served");
});

t.test("a handler that rejects costs its own connection and is reported", async (t) => {
  const { port, faults, closed, until } = await startTestListener(t, certificates, {
    handler: { ...echoHandler, onMessage: () => Promise.reject(new Error("broken")) },
  });
  const client = await connectTestClient(certificates, port);
  await client.send(request);
  t.same(await client.readAll(), Buffer.alloc(0));
  await until(() => closed.length === 1);
  t.match(faults, [{ message: "broken" }]);
  t.same(closed, ["the request could not be answered"]);
});

t.test("a client that vanishes while its request is in work harms nobody", async (t) => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let started: () => void = () => undefined;
  const inWork = new Promise<void>((resolve) => {
    started = resolve;
  });
  const { port, closed, faults, until } = await startTestListener(t, certificates, {
    handler: {
      ...echoHandler,
      onMessage: async (_connection, message) => {
        started();
        await held;
        return message;
      },
    },
  });
  const client = await connectTestClient(certificates, port);
  await client.send(request);
  await inWork;
  client.socket.destroy();
  await until(() => closed.length === 1);
  release();
  const next = await connectTestClient(certificates, port);
  await next.send(request);
  t.same(await next.read(request.length), request);
  t.same(faults, []);
});

t.test("the handler learns who is connected and how", async (t) => {
  const seen: ConnectionInfo[] = [];
  const { port, listener } = await startTestListener(t, certificates, {
    handler: {
      ...echoHandler,
      onMessage: async (connection, message) => {
        seen.push(connection);
        return message;
      },
    },
  });
  const client = await connectTestClient(certificates, port);
  await client.send(request);
  await client.read(request.length);
  t.match(seen, [
    {
      id: /^[0-9a-f-]{36}$/,
      remoteAddress: "127.0.0.1",
      remotePort: client.socket.localPort,
      tlsVersion: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      peer: { subject: "CN=test-client", issuer: "CN=Test authority", extendedKeyUsages: ["clientAuth"] },
    },
  ]);
  t.equal(
    seen[0]?.peer?.fingerprint256,
    client.socket.getX509Certificate()?.fingerprint256.replaceAll(":", "").toLowerCase(),
  );
  t.same(
    listener.connections().map(({ id }) => id),
    seen.map(({ id }) => id),
  );
});

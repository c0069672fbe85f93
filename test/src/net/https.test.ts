import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { createHttpsListener, type HttpsHandler } from "#src/net/https-listener.js";
import type { ListenerLimits } from "#src/net/limits.js";
import { connectTestClient, makeTestCertificates, type TestClient } from "#test/support/tls.js";

const certificates = await makeTestCertificates();

const echo: HttpsHandler = { onMessage: async (_connection, _encoding, message) => message };

interface Started {
  readonly port: number;
  readonly closed: string[];
  readonly failures: string[];
  readonly heldBack: () => number;
  stop(milliseconds?: number): Promise<{ readonly cut: number }>;
}

async function start(
  test: { teardown(done: () => Promise<unknown>): void },
  { handler = echo, limits = {} }: { handler?: HttpsHandler; limits?: Partial<ListenerLimits> } = {},
): Promise<Started> {
  const closed: string[] = [];
  const failures: string[] = [];
  const listener = createHttpsListener({
    host: "127.0.0.1",
    port: 0,
    tls: { certificates: [certificates.ecServer], clientAuthorities: [certificates.ca.certificatePem] },
    limits: { lingerMilliseconds: 20, ...limits },
    handler,
    observer: {
      onClose: (_connection, reason) => void closed.push(reason),
      onHandshakeFailure: ({ code }) => void failures.push(code),
    },
  });
  const { port } = await listener.listen();
  const stop = (milliseconds = 0) => listener.stop({ timeoutMilliseconds: milliseconds });
  test.teardown(() => stop());
  return { port, closed, failures, heldBack: () => listener.heldBack, stop };
}

const connect = (port: number): Promise<TestClient> => connectTestClient(certificates, port);

function post(body: string, headers: readonly string[] = [`Content-Length: ${Buffer.byteLength(body)}`]): string {
  const head = ["POST /kmip HTTP/1.1", "Host: localhost", "Content-Type: text/xml", ...headers];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** What the client has received when a text stands in it. */
async function until(client: TestClient, text: string): Promise<string> {
  let received = "";
  while (!received.includes(text)) {
    const some = await client.readSome();
    if (some.length === 0) throw new Error(`the connection ended after ${JSON.stringify(received)}`);
    received += some.toString("latin1");
  }
  return received;
}

t.test("a message is answered with its status, type, length and no caching", async (t) => {
  const { port } = await start(t);
  const client = await connect(port);
  await client.send(Buffer.from(post("<a/>")));
  const answer = await until(client, "<a/>");
  t.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  t.match(answer, /content-type: text\/xml\r\n/);
  t.match(answer, /content-length: 4\r\n/);
  t.match(answer, /cache-control: no-cache\r\n/);
});

t.test("HTTP/1.0 is spoken, and kept open where the client asks for it", async (t) => {
  const { port } = await start(t);
  const client = await connect(port);
  const head = "POST /kmip HTTP/1.0\r\nConnection: keep-alive\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n";
  for (const body of ["<a/>", "<b/>"]) {
    await client.send(Buffer.from(head + body));
    t.match(await until(client, body), /^HTTP\/1\.[01] 200/);
  }
});

t.test("a body in chunks is put together, also byte by byte", async (t) => {
  const { port } = await start(t);
  const client = await connect(port);
  const request = post("2\r\n<a\r\n2\r\n/>\r\n0\r\n\r\n", ["Transfer-Encoding: chunked"]);
  for (const character of request) client.socket.write(character);
  await until(client, "<a/>");
});

t.test("requests sent ahead are answered in order, one in work at a time", async (t) => {
  let inWork = 0;
  let mostInWork = 0;
  const handler: HttpsHandler = {
    onMessage: async (_connection, _encoding, message) => {
      mostInWork = Math.max(mostInWork, ++inWork);
      await delay(message.length === 4 ? 20 : 0);
      inWork--;
      return message;
    },
  };
  const { port } = await start(t, { handler });
  const client = await connect(port);
  await client.send(Buffer.from(post("<a/>") + post("<b />") + post("<c  />")));
  const answer = await until(client, "<c  />");
  t.ok(answer.indexOf("<a/>") < answer.indexOf("<b />"));
  t.ok(answer.indexOf("<b />") < answer.indexOf("<c  />"));
  t.equal(mostInWork, 1);
});

t.test("more requests sent ahead than allowed end the connection", async (t) => {
  const { port, closed } = await start(t, { limits: { maximumPipelinedRequests: 2 } });
  const client = await connect(port);
  await client.send(Buffer.from(post("<a/>").repeat(20)));
  await client.readAll();
  while (closed.length === 0) await delay(2);
  t.same(closed, ["more requests than allowed were sent ahead"]);
});

t.test("a client that has ended its side still gets its answer", async (t) => {
  const { port } = await start(t);
  const client = await connect(port);
  client.socket.end(post("<a/>"));
  t.match(await until(client, "<a/>"), /200 OK/);
});

t.test("what is not asked as KMIP is over HTTPS gets the status that says so, and a hint", async (t) => {
  const { port } = await start(t, { limits: { maximumMessageBytes: 64 } });
  const long = "x".repeat(65);
  const cases: readonly (readonly [request: string, status: number, hint: RegExp])[] = [
    ["GET /kmip HTTP/1.1\r\nHost: a\r\n\r\n", 405, /allow: POST[\s\S]*sent with POST to \/kmip/],
    ["POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 404, /served at \/kmip/],
    [
      "POST /kmip HTTP/1.1\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n",
      415,
      /must be one of application\/oct/,
    ],
    ["POST /kmip HTTP/1.1\r\nContent-Type: text/xml;charset=utf-16\r\nContent-Length: 0\r\n\r\n", 415, /UTF-8/],
    [post("", ["Content-Encoding: gzip", "Content-Length: 0"]), 415, /without a Content-Encoding/],
    [post(""), 400, /has no body/],
    [post(long), 413, /may have 64 bytes/],
    [post(`41\r\n${long}\r\n0\r\n\r\n`, ["Transfer-Encoding: chunked"]), 413, /may have 64 bytes/],
    ["nonsense\r\n\r\n", 400, /no request of HTTP/],
    [`GET /kmip HTTP/1.1\r\nX: ${"x".repeat(10_000)}\r\n\r\n`, 431, /header may have/],
  ];
  for (const [request, status, hint] of cases) {
    const client = await connect(port);
    await client.send(Buffer.from(request));
    const answer = await until(client, "\r\n\r\n");
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), `${status}`);
    t.match(answer, hint);
    client.socket.destroy();
  }
});

t.test(
  "a client that expects to be told is asked for its body, and refused before it where it is too long",
  async (t) => {
    const { port } = await start(t, { limits: { maximumMessageBytes: 8 } });
    const client = await connect(port);
    await client.send(Buffer.from(post("", ["Expect: 100-continue", "Content-Length: 4"])));
    t.match(await until(client, "\r\n\r\n"), /^HTTP\/1\.1 100 Continue/);
    await client.send(Buffer.from("<a/>"));
    await until(client, "<a/>");
    await client.send(Buffer.from(post("", ["Expect: 100-continue", "Content-Length: 9"])));
    t.match(await until(client, "\r\n\r\n"), /^HTTP\/1\.1 413 /);
  },
);

t.test("a head or a body that does not come in time gets 408, a silent connection ends", async (t) => {
  const { port, closed } = await start(t, { limits: { messageMilliseconds: 30, idleMilliseconds: 100 } });
  for (const request of ["POST /kmip HT", post("<a", ["Content-Length: 4"])]) {
    const client = await connect(port);
    await client.send(Buffer.from(request));
    t.match(await until(client, "\r\n\r\n"), /^HTTP\/1\.1 408 /);
    client.socket.destroy();
  }
  await connect(port);
  while (!closed.includes("idle for too long")) await delay(2);
});

t.test("a body that ends before its length is refused", async (t) => {
  const { port } = await start(t);
  const client = await connect(port);
  client.socket.end(post("<a", ["Content-Length: 4"]));
  t.match(await until(client, "\r\n\r\n"), /^HTTP\/1\.1 400 /);
});

t.test("a stop waits for the request in work and ends idle connections", async (t) => {
  let release: () => void = () => undefined;
  let started: () => void = () => undefined;
  const isInWork = new Promise<void>((resolve) => {
    started = resolve;
  });
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const handler: HttpsHandler = {
    onMessage: async (_connection, _encoding, message) => {
      started();
      await held;
      return message;
    },
  };
  const { port, stop } = await start(t, { handler });
  const idle = await connect(port);
  const busy = await connect(port);
  await busy.send(Buffer.from(post("<a/>")));
  await isInWork;
  const stopped = stop(5000);
  await idle.readAll();
  release();
  t.match(await until(busy, "<a/>"), /connection: close/);
  t.same(await stopped, { cut: 0 });
});

/** Refuses `<r/>` for now, and counts what it is given. */
function refusing() {
  let taken = 0;
  const handler: HttpsHandler = {
    onMessage: async (connection, _encoding, message) => {
      taken += 1;
      if (message.toString() === "<r/>") connection.holdBack();
      return message;
    },
  };
  return { handler, taken: () => taken };
}

t.test(
  "a client that was refused for now is taken later, others at once, and a stop does not wait for it",
  async (t) => {
    const { handler, taken } = refusing();
    const limits = { firstHoldMilliseconds: 3_600_000, longestHoldMilliseconds: 3_600_000 };
    const { port, stop, heldBack } = await start(t, { handler, limits });
    const [flooding, other] = [await connect(port), await connect(port)];
    await flooding.send(Buffer.from(post("<r/>") + post("<a/>")));
    await until(flooding, "<r/>");
    await flooding.send(Buffer.from(post("<b/>")));
    for (let count = 0; count < 20; count += 1) {
      await other.send(Buffer.from(post("<c/>")));
      await until(other, "<c/>");
    }
    t.equal(heldBack(), 1);
    t.equal(taken(), 21, "nothing more was taken of the one that was refused");
    const stopped = stop(3_600_000);
    const answers = (await flooding.readAll()).toString();
    t.match(answers, /<a\/>.*connection: close.*<b\/>$/s);
    t.same(await stopped, { cut: 0 });
  },
);

t.test("a client that is held back is served when its time has come", async (t) => {
  const { handler } = refusing();
  const limits = {
    firstHoldMilliseconds: 150,
    longestHoldMilliseconds: 150,
    messageMilliseconds: 60,
    idleMilliseconds: 60,
  };
  const { port, heldBack } = await start(t, { handler, limits });
  const client = await connect(port);
  await client.send(Buffer.from(post("<r/>")));
  await until(client, "<r/>");
  await client.send(Buffer.from(post("<r/>") + post("<a/>")));
  await until(client, "<a/>");
  t.equal(heldBack(), 0);
});

t.test("a handler that fails cuts the connection", async (t) => {
  const handler: HttpsHandler = { onMessage: () => Promise.reject(new Error("a fault")) };
  const { port, closed } = await start(t, { handler });
  const client = await connect(port);
  await client.send(Buffer.from(post("<a/>")));
  await client.readAll();
  while (closed.length === 0) await delay(2);
  t.same(closed, ["the request could not be answered"]);
});

t.test("plain HTTP on the port is named in the diagnosis", async (t) => {
  const { port, failures } = await start(t);
  const { connect: connectTcp } = await import("node:net");
  const socket = connectTcp(port, "127.0.0.1");
  socket.on("error", () => socket.destroy());
  socket.write("GET /kmip HTTP/1.1\r\n\r\n");
  while (failures.length === 0) await delay(2);
  t.equal(failures.length, 1);
  t.match(failures[0], /http/);
});

import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connectTo } from "#test/support/server.js";
import { createMessage, queryMessage } from "./messages.js";
import { clientHello } from "./slow.js";
import { checkFiles, filesOf, isServed, memoryOf, severalAtOnce, type Target } from "./target.js";
import { answerOn, connectOver, Wire } from "./wire.js";

/** What the memory of the server may grow by, in bytes. */
const memoryAllowed = 50 * 1024 * 1024;
const longest = 600;
const renegotiations = 5;
const atOnce = 8;

/** Sends bytes instead of TLS, and waits for the end. */
async function bareBytes({ server: { kmipPort } }: Target, bytes: Buffer): Promise<void> {
  const socket = connectTcp({ port: kmipPort, host: "127.0.0.1" });
  socket.on("error", () => socket.destroy());
  socket.resume();
  const closed = once(socket, "close");
  socket.end(bytes);
  await closed;
}

/** Bytes with a few of them changed. */
function spoiled({ random }: Target, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let change = random.below(4); change >= 0; change -= 1) copy[random.below(copy.length)] = random.below(256);
  return random.oneIn(4) ? copy.subarray(0, random.below(copy.length)) : copy;
}

/** A handshake of which what the client sends second is spoiled. */
async function spoiledHandshake(target: Target): Promise<void> {
  const wire = new Wire(target.server.kmipPort);
  let flights = 0;
  wire.spoilBy((bytes) => {
    flights += 1;
    return flights === 1 ? bytes : spoiled(target, bytes);
  });
  const socket = await connectOver(wire, target.identity).catch(() => undefined);
  if (socket !== undefined) {
    wire.cutAfter(0, "sent", "half-close");
    await answerOn(socket, 500);
  }
  wire.abandon();
  await wire.gone();
}

/** After the handshake: random bytes as a message, or a record that is changed on its way. */
async function spoiledMessage(target: Target): Promise<void> {
  const { random } = target;
  const wire = new Wire(target.server.kmipPort);
  const socket = await connectOver(wire, target.identity);
  const isRecord = random.oneIn(2);
  if (isRecord) wire.spoilBy((bytes) => spoiled(target, bytes));
  socket.write(isRecord ? createMessage("spoiled") : random.bytes(1 + random.below(longest)));
  wire.cutAfter(0, "sent", "half-close");
  await answerOn(socket, 500);
  wire.abandon();
  await wire.gone();
}

/** Asks for another handshake on a connection of TLS 1.2; gives whether there was one. */
async function renegotiated(target: Target): Promise<boolean> {
  const wire = new Wire(target.server.kmipPort);
  const socket = await connectOver(wire, target.identity, { maxVersion: "TLSv1.2" });
  let hasBeen = false;
  socket.renegotiate({ rejectUnauthorized: true }, (error) => {
    hasBeen = error === null;
  });
  await answerOn(socket, target.patience * 1000);
  wire.abandon();
  await wire.gone();
  return hasBeen;
}

/** Bytes that are no TLS, broken handshakes, broken records, and handshakes on open connections. */
export async function malformedBytes(target: Target): Promise<void> {
  const { server, verdict, sizes, random, done } = target;
  const hello = await clientHello(target);
  const client = await connectTo(server);
  await client.exchange(queryMessage());
  const before = filesOf(server);
  const memoryBefore = memoryOf(server);
  const kinds: readonly (() => Promise<void>)[] = [
    () => bareBytes(target, random.bytes(1 + random.below(longest))),
    () => bareBytes(target, spoiled(target, hello)),
    () => spoiledHandshake(target),
    () => spoiledMessage(target),
  ];
  await severalAtOnce(sizes.malformed * kinds.length, atOnce, async (index) => {
    await kinds[index % kinds.length]?.();
  });
  target.progress(`sent ${sizes.malformed * kinds.length} malformed pieces`);
  let went = 0;
  for (let count = 0; count < renegotiations; count += 1) if (await renegotiated(target)) went += 1;
  done.faults += sizes.malformed * kinds.length + renegotiations;
  done.connections += sizes.malformed * kinds.length + renegotiations;
  verdict.check("no renegotiation goes through", went === 0, `${went} of ${renegotiations}`);
  const grown = memoryOf(server) - memoryBefore;
  const figure = `${(grown / 1024 / 1024).toFixed(0)} MiB more`;
  verdict.check("malformed bytes do not grow the server", grown <= memoryAllowed, figure);
  const served = await isServed(server, queryMessage());
  if (served) done.requests += 1;
  verdict.check("others are served after malformed bytes", served, served ? "served" : "not served");
  await checkFiles(target, "malformed bytes", before);
  await client.close();
}

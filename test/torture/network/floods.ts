import { setTimeout as pause } from "node:timers/promises";
import { ObjectType, Operation } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { requested } from "#test/support/kmip-actions.js";
import { askFor, named } from "#test/support/kmip-client-messages.js";
import { connectTo } from "#test/support/server.js";
import { locateMessage, message, outcomeOf, queryMessage } from "./messages.js";
import { checkFiles, filesOf, isServed, memoryOf, type Target } from "./target.js";
import { connectOver, Wire } from "./wire.js";

/** What the memory of the server may grow by under all floods together, in bytes. */
const memoryAllowed = 64 * 1024 * 1024;
const floodingConnections = 8;
/** An answer so long that some hundreds of them are more than the kernel holds back for a reader. */
const largeBytes = 100_000;
const largeAnswers = 400;

/** A client that sends all its requests before it reads: each is answered, in order. */
async function pipelined(target: Target, requests: number): Promise<void> {
  const client = await connectTo(target.server, { identity: target.identity, answerWithin: 120_000 });
  const marker = locateMessage("first-of-a-flood");
  const query = queryMessage();
  const answers = [client.exchange(marker), ...Array.from({ length: requests }, () => client.exchange(query))];
  const arrived = await Promise.all(answers);
  await client.close();
  const wrong = arrived.flatMap((answer, index) => (outcomeOf(answer) === "success" ? [] : [`answer ${index}`]));
  target.verdict.none("requests sent ahead are all answered", wrong, arrived.length);
  const first = arrived[0]?.length ?? 0;
  const others = new Set(arrived.slice(1).map(({ length }) => length));
  const inOrder = others.size === 1 && !others.has(first);
  target.verdict.check("and in their order", inOrder, inOrder ? "in order" : "out of order");
  target.done.requests += arrived.length;
}

/** The request whose answer is large. */
async function largeRequest(target: Target): Promise<Buffer> {
  const client = await connectTo(target.server, { identity: target.identity });
  const made = await askFor<{ uniqueIdentifier: string }>(client, V2_1, Operation.Register, {
    objectType: ObjectType.OpaqueObject,
    attributes: requested(),
    opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: target.random.bytes(largeBytes) },
  });
  await client.close();
  return message({ operation: Operation.Get, payload: { uniqueIdentifier: named(made.uniqueIdentifier) } });
}

/** A client that sends much and reads nothing. */
async function unread(target: Target, request: Buffer, wires: Wire[]): Promise<void> {
  const wire = new Wire(target.server.kmipPort);
  wires.push(wire);
  const socket = await connectOver(wire, target.identity);
  // The kernel's buffers fill, and then those of the server.
  wire.stall();
  for (let count = 0; count < largeAnswers; count += 1) socket.write(request);
  target.done.requests += largeAnswers;
}

/** As many large answers, to a client that takes them. */
async function read(target: Target, request: Buffer): Promise<void> {
  const client = await connectTo(target.server, { identity: target.identity, answerWithin: 120_000 });
  for (let count = 0; count < largeAnswers / floodingConnections; count += 1) await client.exchange(request);
  await client.close();
}

/** Requests without end, on connections that read late or never. */
export async function floods(target: Target): Promise<void> {
  const { server, verdict, sizes, done } = target;
  const request = await largeRequest(target);
  await Promise.all(Array.from({ length: floodingConnections }, () => read(target, request)));
  await pipelined(target, sizes.flood);
  const before = filesOf(server);
  const memoryBefore = memoryOf(server);
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, memoryOf(server) - memoryBefore);
  }, 50);
  const wires: Wire[] = [];
  const begun = Promise.all(Array.from({ length: floodingConnections }, () => unread(target, request, wires)));
  await pipelined(target, sizes.flood);
  const served = await isServed(server, queryMessage());
  verdict.check("others are served among floods", served, served ? "served" : "not served");
  await begun;
  // A client that does not read is not told that it has been ended; the sockets of the server are.
  const until = performance.now() + (target.patience + 1) * 1000 * 10;
  while (filesOf(server) > before && performance.now() < until) await pause(100);
  const left = filesOf(server) - before;
  verdict.check("who never reads is ended", left <= 0, `${Math.max(0, left)} of ${floodingConnections} left`);
  clearInterval(watch);
  for (const wire of wires) wire.abandon();
  done.faults += floodingConnections + 1;
  done.connections += floodingConnections + 1;
  const figure = `${(most / 1024 / 1024).toFixed(0)} MiB more at most`;
  verdict.check("floods do not grow the server", most <= memoryAllowed, figure);
  await checkFiles(target, "floods", before);
}

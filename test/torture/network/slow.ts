import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connectTo } from "#test/support/server.js";
import { createMessage, outcomeOf, queryMessage } from "./messages.js";
import { checkFiles, filesOf, isServed, type Target } from "./target.js";
import { answerOn, connectOver, Wire } from "./wire.js";

/** How many times what is documented a machine that is busy with other things may take to end a connection. */
const slack = 3;
/** A byte is sent so often by those who are slow, in milliseconds. */
const trickleMilliseconds = 200;

/** Sends bytes one by one until they are over or the connection is. */
function trickle(bytes: Buffer, send: (byte: Buffer) => void): () => void {
  let at = 0;
  const timer = setInterval(() => {
    if (at < bytes.length) send(bytes.subarray(at, at + 1));
    at += 1;
  }, trickleMilliseconds);
  return () => clearInterval(timer);
}

/** The first bytes that a client sends in a handshake. */
export async function clientHello(target: Target): Promise<Buffer> {
  const wire = new Wire(target.server.kmipPort);
  const chunks: Buffer[] = [];
  wire.spoilBy((bytes) => {
    chunks.push(Buffer.from(bytes));
    return Buffer.alloc(0);
  });
  const handshake = connectOver(wire, target.identity).catch(() => undefined);
  while (chunks.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  wire.abandon();
  await handshake;
  return Buffer.concat(chunks);
}

/** How long it takes until the server ends a connection, in milliseconds. */
type Attack = (target: Target, hello: Buffer) => Promise<number>;

async function untilEnd(port: number, attack: (send: (bytes: Buffer) => void) => () => void): Promise<number> {
  const socket = connectTcp({ port, host: "127.0.0.1" });
  socket.on("error", () => socket.destroy());
  socket.resume();
  const closed = once(socket, "close");
  const since = performance.now();
  const end = attack((bytes) => void socket.write(bytes));
  await closed;
  end();
  return performance.now() - since;
}

/** A connection over which a request is begun and never ended. */
async function unfinished(target: Target, send: (write: (bytes: Buffer) => void) => () => void): Promise<number> {
  const wire = new Wire(target.server.kmipPort);
  const socket = await connectOver(wire, target.identity);
  const since = performance.now();
  const end = send((bytes) => void socket.write(bytes));
  socket.resume();
  await wire.ended();
  end();
  wire.abandon();
  return performance.now() - since;
}

const nothing = (): void => undefined;

/** What a slow or vanished peer does, and after how many times the patience of the server it is to be gone. */
const attacks: Readonly<Record<string, { readonly patience: number; readonly attack: Attack }>> = {
  "a connection that says nothing": { patience: 1, attack: ({ server }) => untilEnd(server.kmipPort, () => nothing) },
  "a handshake of one byte now and then": {
    patience: 2,
    attack: ({ server }, hello) => untilEnd(server.kmipPort, (send) => trickle(hello, send)),
  },
  "a handshake that stops after its first message": {
    patience: 1,
    attack: ({ server }, hello) =>
      untilEnd(server.kmipPort, (send) => {
        send(hello);
        return nothing;
      }),
  },
  "a request of one byte now and then": {
    patience: 1,
    attack: (target) => unfinished(target, (send) => trickle(createMessage("slow"), send)),
  },
  "a request of which half comes": {
    patience: 1,
    attack: (target) =>
      unfinished(target, (send) => {
        send(createMessage("half").subarray(0, 100));
        return nothing;
      }),
  },
};

/** A peer that vanishes without a word in the middle of its request, as one does whose network is cut. */
async function vanished(target: Target): Promise<void> {
  const wire = new Wire(target.server.kmipPort);
  const socket = await connectOver(wire, target.identity);
  await new Promise<void>((sent) => socket.write(createMessage("vanished").subarray(0, 60), () => sent()));
  wire.cutAfter(0, "received", "swallow");
  await wire.ended();
  wire.abandon();
}

/** Slow handshakes, slow requests and peers that vanish: each is ended in time, and others are served meanwhile. */
export async function slowPeers(target: Target): Promise<void> {
  const { server, verdict, patience, done, sizes } = target;
  const hello = await clientHello(target);
  const client = await connectTo(server);
  await client.exchange(queryMessage());
  const before = filesOf(server);
  const times = new Map<string, number>();
  const under = Promise.all([
    ...Object.entries(attacks).flatMap(([name, { attack }]) =>
      Array.from({ length: 4 }, async () => {
        times.set(name, Math.max(times.get(name) ?? 0, await attack(target, hello)));
      }),
    ),
    ...Array.from({ length: 4 }, () => vanished(target)),
  ]);
  const served = await isServed(server, queryMessage());
  if (served) done.requests += 1;
  verdict.check("others are served among slow peers", served, served ? "served" : "not served");
  await under;
  done.faults += (Object.keys(attacks).length + 1) * 4;
  done.connections += (Object.keys(attacks).length + 1) * 4;
  for (const [name, { patience: times_ }] of Object.entries(attacks)) {
    const seconds = (times.get(name) ?? Number.POSITIVE_INFINITY) / 1000;
    const allowed = (times_ * patience + 1) * (sizes.judgesTime ? 1.5 : slack);
    verdict.check(
      `${name} is ended`,
      seconds <= allowed,
      `after ${seconds.toFixed(1)} s, ${allowed.toFixed(1)} s allowed`,
    );
  }
  await slowReader(target);
  await client.close();
  await checkFiles(target, "slow peers", before - 1);
}

/** A client that sends byte by byte, but fast enough, is answered all the same. */
async function slowReader(target: Target): Promise<void> {
  const wire = new Wire(target.server.kmipPort);
  const socket = await connectOver(wire, target.identity);
  const message = queryMessage();
  const answer = answerOn(socket, target.patience * 3000);
  await Promise.all(
    [...message].map((byte) => new Promise<void>((sent) => socket.write(Buffer.of(byte), () => sent()))),
  );
  wire.cutAfter(0, "sent", "half-close");
  const outcome = outcomeOf(await answer);
  wire.abandon();
  await wire.gone();
  target.verdict.check("a request of one-byte records is answered", outcome === "success", outcome);
}

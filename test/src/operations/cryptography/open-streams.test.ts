import { randomBytes } from "node:crypto";
import t from "tap";
import type { PartStream } from "#src/crypto/streams/stream.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { OpenStreams, type StreamOwner } from "#src/operations/cryptography/open-streams.js";

const limits = {
  maximumStreamsPerClient: 2,
  maximumStreamsPerTenant: 3,
  streamIdleSeconds: 10,
  maximumStreamBytes: 100,
};
const owner: StreamOwner = { tenantId: "tenant", clientId: "client", objectId: "key", operation: 31 };

interface Watched extends PartStream<Buffer> {
  readonly isClosed: () => boolean;
}

function watched(): Watched {
  let closed = false;
  return {
    update: async (part) => part,
    finish: async () => Buffer.alloc(0),
    close: async () => {
      closed = true;
    },
    isClosed: () => closed,
  };
}

function opened(t: { teardown(step: () => Promise<void>): void }): {
  streams: OpenStreams;
  later(seconds: number): void;
} {
  let now = 0;
  const streams = new OpenStreams(limits, () => now);
  t.teardown(() => streams.stop());
  return {
    streams,
    later: (seconds) => {
      now += seconds * 1000;
    },
  };
}

function add(streams: OpenStreams, more: Partial<StreamOwner> = {}): ReturnType<OpenStreams["add"]> {
  return streams.add({ ...owner, ...more }, watched(), { brought: undefined });
}

function reasonOf(run: () => unknown): string {
  try {
    run();
    return "done";
  } catch (error) {
    if (error instanceof KmipError) return error.reason;
    throw error;
  }
}

t.test("a client has so many streams, its tenant so many in all, and room comes back with their end", async (t) => {
  const { streams } = opened(t);
  const first = add(streams);
  add(streams);
  t.equal(
    reasonOf(() => streams.checkRoom(owner)),
    "ServerLimitExceeded",
  );
  const another = { ...owner, clientId: "another" };
  streams.checkRoom(another);
  add(streams, another);
  t.equal(
    reasonOf(() => streams.checkRoom({ ...owner, clientId: "third" })),
    "ServerLimitExceeded",
  );
  streams.checkRoom({ ...owner, tenantId: "other tenant", clientId: "fourth" });
  await streams.drop(first);
  streams.checkRoom(owner);
});

t.test("streams that are being opened take room, too, and give it back where they fail", async (t) => {
  const { streams } = opened(t);
  const failures: ((error: Error) => void)[] = [];
  const open = () => streams.opening(owner, () => new Promise<void>((_resolve, reject) => failures.push(reject)));
  const both = [open(), open()];
  const refusal = await open().catch((error: unknown) => error);
  t.equal(refusal instanceof KmipError && refusal.reason, "ServerLimitExceeded");
  for (const fail of failures) fail(new Error("no"));
  await Promise.allSettled(both);
  await streams.opening(owner, async () => add(streams));
  t.equal(streams.size, 1);
  add(streams);
  t.equal(
    reasonOf(() => streams.checkRoom(owner)),
    "ServerLimitExceeded",
  );
});

t.test("correlation values are 128 bits that do not repeat, and only the owner's open anything", async (t) => {
  const { streams } = opened(t);
  const kept = add(streams);
  t.equal(kept.correlationValue.length, 16);
  t.notSame(kept.correlationValue, add(streams).correlationValue);
  t.equal(streams.find(kept.correlationValue, owner), kept);
  for (const more of [{ tenantId: "t" }, { clientId: "c" }, { objectId: "k" }, { operation: 32 }]) {
    const stranger = { ...owner, ...more };
    t.equal(
      reasonOf(() => streams.find(kept.correlationValue, stranger)),
      "InvalidCorrelationValue",
    );
  }
  t.equal(
    reasonOf(() => streams.find(randomBytes(16), owner)),
    "InvalidCorrelationValue",
  );
});

t.test("a stream takes so many bytes, and is dropped with the first beyond them", async (t) => {
  const { streams } = opened(t);
  const stream = watched();
  const kept = streams.add(owner, stream, { brought: undefined });
  await streams.take(kept, 100);
  await t.rejects(streams.take(kept, 1), KmipError);
  t.ok(stream.isClosed());
  t.equal(streams.size, 0);
});

t.test("what nobody goes on with is dropped, but not what is in work or was used since", async (t) => {
  const { streams, later } = opened(t);
  const idle = watched();
  streams.add(owner, idle, { brought: undefined });
  const used = add(streams);
  const busy = add(streams, { clientId: "another" });
  busy.busy = true;
  later(6);
  await streams.take(used, 1);
  later(6);
  streams.sweep();
  t.ok(idle.isClosed());
  t.equal(streams.find(used.correlationValue, owner), used);
  t.equal(streams.find(busy.correlationValue, busy.owner), busy);
  t.equal(streams.size, 2);
});

t.test("the work of an item is done once, however often it is asked for", async (t) => {
  const { streams } = opened(t);
  const item = {};
  let done = 0;
  const work = async (): Promise<number> => {
    done += 1;
    return done;
  };
  t.equal(await streams.once(item, work), 1);
  t.equal(await streams.once(item, work), 1);
  t.equal(await streams.once({}, work), 2);
});

t.test("at the end of the server nothing stays open", async (t) => {
  const { streams } = opened(t);
  const stream = watched();
  streams.add(owner, stream, { brought: Buffer.from("a tag") });
  await streams.stop();
  t.ok(stream.isClosed());
  t.equal(streams.size, 0);
});

import t from "tap";
import { FrameReader, UnreadableRequestError } from "#src/net/frame-reader.js";
import { messageOf } from "#test/support/tls.js";

const first = messageOf("the first message");
const second = messageOf(Buffer.alloc(4096, 7));

function reasonOf(reader: FrameReader): string {
  try {
    reader.next();
  } catch (error) {
    if (error instanceof UnreadableRequestError) return error.reason;
    throw error;
  }
  return "readable";
}

t.test("two messages come out whole wherever their bytes are cut", async (t) => {
  const both = Buffer.concat([first, second]);
  for (let cut = 0; cut <= both.length; cut++) {
    const reader = new FrameReader(1 << 20);
    const messages: Buffer[] = [];
    for (const part of [both.subarray(0, cut), both.subarray(cut)]) {
      if (part.length > 0) reader.push(part);
      for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(message);
    }
    if (messages.length !== 2 || !first.equals(messages[0] ?? second) || !second.equals(messages[1] ?? first)) {
      t.fail(`cut at byte ${cut}`);
    }
    if (reader.length !== 0) t.fail(`bytes are left when cut at byte ${cut}`);
  }
  t.pass("every cut was tried");
});

t.test("messages that arrive byte by byte stay as they were while later ones arrive", async (t) => {
  const reader = new FrameReader(1 << 20);
  const messages: Buffer[] = [];
  for (const byte of Buffer.concat([first, second, first])) {
    reader.push(Buffer.of(byte));
    const message = reader.next();
    if (message !== undefined) messages.push(message);
  }
  t.same(messages, [first, second, first]);
});

t.test("a stated length above the limit is refused at the eighth byte, one at the limit is not", async (t) => {
  const reader = new FrameReader(first.length);
  reader.push(first.subarray(0, 8));
  t.equal(reasonOf(reader), "readable");
  const strict = new FrameReader(first.length - 1);
  strict.push(first.subarray(0, 7));
  t.equal(reasonOf(strict), "readable");
  strict.push(first.subarray(7, 8));
  t.equal(reasonOf(strict), "too-large");
});

t.test("a stated length of four gibibytes is refused and takes no memory", async (t) => {
  const reader = new FrameReader(1 << 20);
  const before = process.memoryUsage().arrayBuffers;
  reader.push(Buffer.from("42007801fffffff8", "hex"));
  t.equal(reasonOf(reader), "too-large");
  t.ok(process.memoryUsage().arrayBuffers - before < 1 << 20);
});

t.test("bytes that no message starts with are refused with the bytes for the record", async (t) => {
  const beginnings = {
    "an HTTP request": Buffer.from("GET / HTTP/1.1"),
    "a type other than Structure": Buffer.from("4200780200000008", "hex"),
    "a length that is no multiple of eight": Buffer.from("4200780100000007", "hex"),
    zeros: Buffer.alloc(16),
  };
  for (const [name, bytes] of Object.entries(beginnings)) {
    const reader = new FrameReader(1 << 20);
    reader.push(bytes);
    t.equal(reasonOf(reader), "not-ttlv", name);
    t.same(reader.headerBytes, bytes.subarray(0, 8));
  }
});

t.test("memory for a message grows with the bytes that arrived, to at most twice as much", async (t) => {
  const reader = new FrameReader(1 << 20);
  const large = messageOf(Buffer.alloc((1 << 20) - 8));
  const before = process.memoryUsage().arrayBuffers;
  reader.push(large.subarray(0, 8));
  reader.push(large.subarray(8, 1000));
  t.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024);
});

t.test("whole messages that wait are counted, parts and unreadable bytes are not", async (t) => {
  const reader = new FrameReader(1 << 20);
  reader.push(Buffer.concat([first, second, first.subarray(0, 9)]));
  t.equal(reader.holds(2), true);
  t.equal(reader.holds(3), false);
  reader.next();
  reader.next();
  reader.push(Buffer.concat([first.subarray(9), Buffer.alloc(8)]));
  t.equal(reader.holds(1), true);
  t.equal(reader.holds(2), false);
});

import { randomBytes } from "node:crypto";

let lastTime = 0;
let counter = 0;

/**
 * A new identifier: a UUID of version 7 (RFC 9562 §5.7), with 62 random bits. They grow with time, so that the rows they
 * name go to the end of an index and not each to a page of its own, which makes inserts about three times cheaper.
 */
export function newIdentifier(now: number = Date.now()): string {
  const random = randomBytes(8);
  if (now > lastTime) {
    lastTime = now;
    // The upper half stays free for the identifiers that follow in the same millisecond.
    counter = random.readUInt16BE(0) & 0x7ff;
    random.set(randomBytes(2), 0);
  } else {
    counter += 1;
    if (counter > 0xfff) {
      lastTime += 1;
      counter = 0;
    }
  }
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(lastTime, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes.set(random, 8);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const text = bytes.toString("hex");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

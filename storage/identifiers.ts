import { randomFillSync } from "node:crypto";

const randomBytesLeft = Buffer.alloc(4096);
let used = randomBytesLeft.length;

let lastTime = 0;
let counter = 0;

/** Where the next so many fresh random bytes stand among those left: fetched many at once, which is most of the price. */
function take(length: number): number {
  if (used + length > randomBytesLeft.length) {
    randomFillSync(randomBytesLeft);
    used = 0;
  }
  const place = used;
  used += length;
  return place;
}

/**
 * A new identifier: a UUID of version 7 (RFC 9562 §5.7), with 62 random bits. They grow with time, so that the rows they
 * name go to the end of an index and not each to a page of its own, which makes inserts about three times cheaper.
 */
export function newIdentifier(now: number = Date.now()): string {
  if (now > lastTime) {
    lastTime = now;
    // The upper half stays free for the identifiers that follow in the same millisecond.
    counter = randomBytesLeft.readUInt16BE(take(2)) & 0x7ff;
  } else {
    counter += 1;
    if (counter > 0xfff) {
      lastTime += 1;
      counter = 0;
    }
  }
  const place = take(8);
  randomBytesLeft[place] = 0x80 | ((randomBytesLeft[place] ?? 0) & 0x3f);
  const time = lastTime.toString(16).padStart(12, "0");
  const random = randomBytesLeft.toString("hex", place, place + 8);
  const count = (0x7000 | counter).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${count}-${random.slice(0, 4)}-${random.slice(4)}`;
}

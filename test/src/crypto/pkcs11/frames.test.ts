import t from "tap";
import { encodeFrame, FRAME_LIMIT, FrameReader } from "#src/crypto/pkcs11/frames.js";

const VALUE = [[1, "encrypt", [{ material: Buffer.from("blob"), bits: 256n }, Buffer.alloc(1000, 7)]]];

t.test("frames come back whole however the stream is cut", async (t) => {
  for (const size of [1, 3, 4, 5, 100, 4096]) {
    const reader = new FrameReader();
    const stream = Buffer.concat([encodeFrame(VALUE), encodeFrame("second"), encodeFrame(VALUE)]);
    const values: unknown[] = [];
    for (let offset = 0; offset < stream.length; offset += size) {
      const chunk = Buffer.from(stream.subarray(offset, offset + size));
      values.push(...reader.push(chunk).map((frame) => frame.value));
      t.ok(
        chunk.every((byte) => byte === 0),
        "the chunk is zeroed",
      );
    }
    t.same(values, [VALUE, "second", VALUE], `chunks of ${size}`);
  }
});

t.test("a frame of no bytes or beyond the limit is refused before memory is taken for it", async (t) => {
  for (const length of [0, FRAME_LIMIT + 1, 0xffffffff]) {
    const header = Buffer.alloc(4);
    header.writeUInt32LE(length, 0);
    t.throws(() => new FrameReader().push(header), RangeError);
  }
});

t.test("zeroing a frame zeroes the buffers read from it", async (t) => {
  const frame = new FrameReader().push(encodeFrame([Buffer.from("secret")]))[0];
  frame?.bytes.fill(0);
  t.same(frame?.value, [Buffer.alloc(6)]);
});

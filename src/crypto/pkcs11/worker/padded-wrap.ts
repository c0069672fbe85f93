const HALF = 8;
const ROUNDS = 6;

/** The first half of the alternative initial value (RFC 5649 §3). */
const INITIAL_VALUE = 0xa65959a6;

/** AES key wrap with padding (RFC 5649 §4.1) of 1 byte or more over `encipher`, which enciphers one block of 16 bytes. */
export function padAndWrap(value: Buffer, encipher: (block: Buffer) => Buffer): Buffer {
  const count = Math.ceil(value.length / HALF);
  const output = Buffer.alloc((count + 1) * HALF);
  output.writeUInt32BE(INITIAL_VALUE, 0);
  output.writeUInt32BE(value.length, 4);
  value.copy(output, HALF);
  if (count === 1) {
    return Buffer.from(encipher(output));
  }
  const block = Buffer.alloc(2 * HALF);
  output.copy(block, 0, 0, HALF);
  for (let step = 1; step <= ROUNDS * count; step += 1) {
    const place = (((step - 1) % count) + 1) * HALF;
    output.copy(block, HALF, place, place + HALF);
    encipher(block).copy(block);
    block.copy(output, place, HALF);
    block.writeUInt32BE((block.readUInt32BE(4) ^ step) >>> 0, 4);
  }
  block.copy(output, 0, 0, HALF);
  return output;
}

import type { MacSpecification } from "./port.js";

/** Encrypts whole blocks with CBC and a zero IV. */
export type ChainBlocks = (data: Buffer) => Promise<Buffer>;

/** The polynomials of the fields of 64 and 128 bits (SP 800-38B §5.3), by block length in bytes. */
const polynomials: ReadonlyMap<number, number> = new Map([
  [8, 0x1b],
  [16, 0x87],
]);

/** A number times x in the field of the block, in big-endian bytes (SP 800-38B §6.1). */
function doubled(block: Buffer): Buffer {
  const result = Buffer.alloc(block.length);
  let carry = 0;
  for (let place = block.length - 1; place >= 0; place -= 1) {
    const byte = block[place] ?? 0;
    result[place] = ((byte << 1) | carry) & 0xff;
    carry = byte >> 7;
  }
  const last = block.length - 1;
  result[last] = (result[last] ?? 0) ^ (-carry & (polynomials.get(block.length) ?? 0));
  return result;
}

/** CMAC of the data over a block cipher (SP 800-38B §6.2), for ciphers whose CMAC nobody does whole. */
async function cmac(chain: ChainBlocks, data: Buffer, blockLength: number): Promise<Buffer> {
  const first = doubled(await chain(Buffer.alloc(blockLength)));
  const isWhole = data.length > 0 && data.length % blockLength === 0;
  const mask = isWhole ? first : doubled(first);
  const filled = isWhole ? 0 : blockLength - (data.length % blockLength);
  const message = Buffer.concat([data, Buffer.alloc(filled)]);
  if (!isWhole) message[data.length] = 0x80;
  const start = message.length - blockLength;
  for (let place = 0; place < blockLength; place += 1) {
    message[start + place] = (message[start + place] ?? 0) ^ (mask[place] ?? 0);
  }
  const chained = await chain(message);
  first.fill(0);
  mask.fill(0);
  return Buffer.from(chained.subarray(-blockLength));
}

/** CBC-MAC: the last block of the data, filled up with zeros, chained with a zero IV (FIPS 113 §2). */
async function cbcMac(chain: ChainBlocks, data: Buffer, blockLength: number): Promise<Buffer> {
  const length = Math.max(1, Math.ceil(data.length / blockLength)) * blockLength;
  const message = Buffer.alloc(length);
  data.copy(message);
  return Buffer.from((await chain(message)).subarray(-blockLength));
}

/** The codes that are made of a block cipher, from its CBC mode. Block length in bytes. */
export const blockMacs: Readonly<
  Record<
    Exclude<MacSpecification["name"], "hmac">,
    (chain: ChainBlocks, data: Buffer, blockLength: number) => Promise<Buffer>
  >
> = { cmac, "cbc-mac": cbcMac };

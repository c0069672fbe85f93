import { WorkerFailure } from "./errors.js";

/** Data with PKCS#7 padding (RFC 5652 §6.3) to whole blocks, in a new buffer. */
export function padBlocks(data: Buffer, blockLength: number): Buffer {
  const count = blockLength - (data.length % blockLength);
  return Buffer.concat([data, Buffer.alloc(count, count)]);
}

/** Data without their PKCS#7 padding, every byte of which is checked; `decryption-failed` where it is none. */
export function unpadBlocks(data: Buffer, blockLength: number): Buffer {
  const count = data.at(-1) ?? 0;
  let wrong = count === 0 || count > blockLength || count > data.length ? 1 : 0;
  for (let offset = 1; offset <= blockLength && offset <= data.length; offset += 1) {
    const inPadding = offset <= count ? 0xff : 0;
    wrong |= ((data.at(-offset) ?? 0) ^ count) & inPadding;
  }
  if (wrong !== 0) {
    data.fill(0);
    throw new WorkerFailure("decryption-failed", "the padding is wrong");
  }
  return data.subarray(0, data.length - count);
}

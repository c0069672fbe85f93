import type { Framing } from "../mechanisms/ciphers.js";
import { PaddingFrame, UnpaddingFrame } from "./framing.js";
import type { LastPart, PartStream } from "./stream.js";

/** Encryption of blocks: parts are held until they make whole blocks, and padded at the end. */
export function framedEncryption(cipher: PartStream<LastPart>, framing: Framing): PartStream<LastPart> {
  const frame = new PaddingFrame(framing, "invalid-data");
  return {
    update: (part) => cipher.update(frame.take(part)),
    finish: async () => {
      const first = await cipher.update(frame.rest());
      const { data, tag } = await cipher.finish();
      return { data: Buffer.concat([first, data]), tag };
    },
    close: async () => {
      frame.clear();
      await cipher.close();
    },
  };
}

/** Decryption of blocks: what may be padding is held until the end is known. */
export function framedDecryption(cipher: PartStream<LastPart>, framing: Framing): PartStream<LastPart> {
  const input = new PaddingFrame({ ...framing, padding: null }, "decryption-failed");
  const output = new UnpaddingFrame(framing);
  return {
    update: async (part) => output.take(await cipher.update(input.take(part))),
    finish: async () => {
      input.rest();
      const { data } = await cipher.finish();
      const before = output.take(data);
      return { data: Buffer.concat([before, output.rest()]), tag: null };
    },
    close: async () => {
      input.clear();
      output.clear();
      await cipher.close();
    },
  };
}

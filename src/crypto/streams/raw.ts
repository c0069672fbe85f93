import { type Cipher, createHash, createHmac, type Decipher } from "node:crypto";
import type { HashName, Partition, StreamRequest } from "../port.js";
import { refusing, tagOf } from "../software/ciphers.js";
import type { LastPart, PartStream } from "./stream.js";

const nothing = Buffer.alloc(0);

/** A name for a stream, which nobody else uses. */
let opened = 0;

function newName(): string {
  opened += 1;
  return `stream ${opened}`;
}

/** An operation in parts that the token does, in a session of its own. Rejects with CryptoError. */
export async function tokenStream(partition: Partition, request: StreamRequest): Promise<PartStream<Buffer>> {
  const name = newName();
  await partition.openStream(name, request);
  return {
    update: (part) => (part.length === 0 ? Promise.resolve(nothing) : partition.updateStream(name, part)),
    finish: () => partition.finishStream(name),
    close: () => partition.closeStream(name).catch(() => undefined),
  };
}

/** A cipher of the token: the tag stands behind the last output. */
export function splittingTag(stream: PartStream<Buffer>, tagLength: number | null): PartStream<LastPart> {
  return {
    update: (part) => stream.update(part),
    finish: async () => {
      const last = await stream.finish();
      if (tagLength === null) return { data: last, tag: null };
      const split = Math.max(0, last.length - tagLength);
      return { data: last.subarray(0, split), tag: last.subarray(split) };
    },
    close: () => stream.close(),
  };
}

/** A cipher of node:crypto, which holds its key until it is dropped. */
export function softwareCipherStream(
  cipher: Cipher | Decipher,
  failure: "invalid-data" | "decryption-failed",
  authenticated: boolean,
): PartStream<LastPart> {
  return {
    update: async (part) => refusing(failure, () => cipher.update(part)),
    finish: async () =>
      refusing(failure, () => {
        const data = cipher.final();
        return { data, tag: authenticated ? tagOf(cipher as Cipher) : null };
      }),
    close: () => Promise.resolve(),
  };
}

/** A digest made in the process. */
export function softwareDigestStream(hash: HashName): PartStream<Buffer> {
  const digest = createHash(hash);
  return {
    update: async (part) => {
      digest.update(part);
      return nothing;
    },
    finish: async () => digest.digest(),
    close: () => Promise.resolve(),
  };
}

/** An HMAC made in the process. */
export function softwareHmacStream(value: Buffer, hash: HashName): PartStream<Buffer> {
  const hmac = createHmac(hash, value);
  return {
    update: async (part) => {
      hmac.update(part);
      return nothing;
    },
    finish: async () => hmac.digest(),
    close: () => Promise.resolve(),
  };
}

/** An operation that needs all data at once: the parts are kept until the end, and zeroed then. */
export function collectingStream<Result>(run: (data: Buffer) => Promise<Result>): PartStream<Result> {
  const parts: Buffer[] = [];
  const clear = (): void => {
    for (const part of parts) part.fill(0);
    parts.length = 0;
  };
  return {
    update: async (part) => {
      parts.push(Buffer.from(part));
      return nothing;
    },
    finish: async () => {
      const data = Buffer.concat(parts);
      try {
        return await run(data);
      } finally {
        data.fill(0);
        clear();
      }
    },
    close: async () => clear(),
  };
}

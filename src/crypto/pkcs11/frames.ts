import { deserialize, serialize } from "node:v8";

const LENGTH_BYTES = 4;

/** Largest frame either side of the port accepts, in bytes. */
export const FRAME_LIMIT = 64 * 1024 * 1024;

/** Most bytes of buffers one call may carry. */
export const CALL_LIMIT = 34 * 1024 * 1024;

/** A frame is not filled any further beyond so many bytes of buffers. */
export const FRAME_FILL = 4 * 1024 * 1024;

/** How many bytes the buffers among some values hold, those one and two levels deep included. */
export function bytesIn(value: unknown, depth = 2): number {
  if (Buffer.isBuffer(value)) {
    return value.length;
  }
  if (typeof value !== "object" || value === null || depth === 0) {
    return 0;
  }
  let bytes = 0;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof inner === "object") bytes += bytesIn(inner, depth - 1);
  }
  return bytes;
}

/** A value as one frame: its length (32 bits, little endian) and its serialisation. The caller zeroes it after writing. */
export function encodeFrame(value: unknown): Buffer {
  const body = serialize(value);
  const frame = Buffer.alloc(LENGTH_BYTES + body.length);
  frame.writeUInt32LE(body.length, 0);
  body.copy(frame, LENGTH_BYTES);
  body.fill(0);
  return frame;
}

/** A frame as read: the value, whose buffers are views into `bytes`. */
export interface ReadFrame {
  readonly value: unknown;
  readonly bytes: Buffer;
}

/** Cuts a stream of chunks into frames. Zeroes each chunk once it is copied, as it may hold key material. */
export class FrameReader {
  #frame: Buffer | null = null;
  readonly #header = Buffer.alloc(LENGTH_BYTES);
  #filled = 0;

  /** Takes one chunk and gives the frames it completes. Throws RangeError for a frame over FRAME_LIMIT. */
  push(chunk: Buffer): ReadFrame[] {
    const frames: ReadFrame[] = [];
    let offset = 0;
    while (offset < chunk.length) {
      const target = this.#frame ?? this.#header;
      const copied = chunk.copy(target, this.#filled, offset);
      offset += copied;
      this.#filled += copied;
      if (this.#filled < target.length) {
        continue;
      }
      this.#filled = 0;
      if (this.#frame === null) {
        this.#frame = this.#allocate();
      } else {
        frames.push({ value: deserialize(this.#frame), bytes: this.#frame });
        this.#frame = null;
      }
    }
    chunk.fill(0);
    return frames;
  }

  #allocate(): Buffer {
    const length = this.#header.readUInt32LE(0);
    if (length === 0 || length > FRAME_LIMIT) {
      throw new RangeError(`frame of ${length} bytes on the message port`);
    }
    return Buffer.alloc(length);
  }
}

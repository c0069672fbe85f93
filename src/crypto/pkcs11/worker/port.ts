import { readSync, writeSync } from "node:fs";

/** Most bytes taken at once. */
const CHUNK = 256 * 1024;

/**
 * The worker's end of the message port, a socket the server hands down. A worker does one thing after the other and
 * waits for nothing else, so it reads and writes without an event loop, which would cost more than a short call.
 */
export class BlockingPort {
  readonly #descriptor: number;
  readonly #chunk = Buffer.alloc(CHUNK);

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Waits for the next bytes, which are a view that the next read overwrites; none where the server is gone. */
  read(): Buffer {
    return this.#chunk.subarray(0, readSync(this.#descriptor, this.#chunk));
  }

  /** Writes a frame and zeroes it. Throws where the server is gone. */
  write(frame: Buffer): void {
    for (let written = 0; written < frame.length; ) {
      written += writeSync(this.#descriptor, frame, written);
    }
    frame.fill(0);
  }
}

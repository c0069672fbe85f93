/** Bytes fetched at once. */
const RESERVE = 4096;

/** What is longer is fetched by itself. */
const LONGEST_PART = 64;

/**
 * Random bytes of the token, fetched ahead, so that an initialization vector costs no call of its own. No byte is given
 * twice. They stay in memory until they are given, so they are for what need not be secret.
 */
export class RandomReserve {
  readonly #fetch: (length: number) => Promise<Buffer>;
  #bytes: Buffer = Buffer.alloc(0);
  #fetching: Promise<void> | null = null;

  constructor(fetch: (length: number) => Promise<Buffer>) {
    this.#fetch = fetch;
  }

  /** The next bytes. Rejects as the fetch does. */
  async take(length: number): Promise<Buffer> {
    if (length > LONGEST_PART) return this.#fetch(length);
    while (this.#bytes.length < length) await this.#refill();
    const taken = Buffer.from(this.#bytes.subarray(0, length));
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  #refill(): Promise<void> {
    this.#fetching ??= this.#fetch(RESERVE)
      .then((bytes) => {
        this.#bytes = bytes;
      })
      .finally(() => {
        this.#fetching = null;
      });
    return this.#fetching;
  }
}

/** A keyed pseudorandom function: HMAC or CMAC under a key that need not be here. */
export type PseudorandomFunction = (data: Buffer) => Promise<Buffer>;

/** What the key derivation functions of NIST SP 800-108 (revision 1) take. They give fewer bytes where the counter ends. */
export interface PseudorandomInput {
  readonly pseudorandom: PseudorandomFunction;
  /** The fixed input data: Label, 0x00, Context and [L]. */
  readonly fixedInput: Buffer;
  /** Bits of the counter: 8, 16, 24 or 32; 0 for none, which the counter mode does not know. */
  readonly counterBits: number;
  /** Bytes to be derived. */
  readonly length: number;
}

/** Lengths of a counter in bits. */
export const counterLengths: readonly number[] = [0, 8, 16, 24, 32];

function counter(value: number, bits: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.subarray(4 - bits / 8);
}

/**
 * Blocks one behind the other until they are long enough, or the counter has no more numbers (SP 800-108 §4); each is
 * given its number, from 1 on, and the one before it.
 */
async function iterate(
  { length, counterBits }: PseudorandomInput,
  first: Buffer,
  block: (number: number, before: Buffer) => Promise<Buffer>,
): Promise<Buffer> {
  const blocks: Buffer[] = [];
  let before = first;
  const most = counterBits === 0 ? Number.POSITIVE_INFINITY : 2 ** counterBits - 1;
  for (let made = 0; made < length && blocks.length < most; made += before.length) {
    before = await block(blocks.length + 1, before);
    blocks.push(before);
  }
  const whole = Buffer.concat(blocks);
  for (const each of blocks) each.fill(0);
  return whole.subarray(0, length);
}

/** The KDF in Counter Mode (SP 800-108 §4.1), the counter before the fixed input. */
export function counterMode(input: PseudorandomInput): Promise<Buffer> {
  const { pseudorandom, fixedInput, counterBits } = input;
  return iterate(input, Buffer.alloc(0), (number) =>
    pseudorandom(Buffer.concat([counter(number, counterBits), fixedInput])),
  );
}

/** The KDF in Feedback Mode (SP 800-108 §4.2) from an initial value, the counter behind the block before. */
export function feedbackMode(input: PseudorandomInput, initialValue: Buffer): Promise<Buffer> {
  const { pseudorandom, fixedInput, counterBits } = input;
  return iterate(input, initialValue, (number, before) =>
    pseudorandom(Buffer.concat([before, counter(number, counterBits), fixedInput])),
  );
}

/** The KDF in Double-Pipeline Iteration Mode (SP 800-108 §4.3), the counter behind the block of the first pipeline. */
export async function doublePipelineMode(input: PseudorandomInput): Promise<Buffer> {
  const { pseudorandom, fixedInput, counterBits } = input;
  let first = fixedInput;
  return iterate(input, Buffer.alloc(0), async (number) => {
    first = await pseudorandom(first);
    return pseudorandom(Buffer.concat([first, counter(number, counterBits), fixedInput]));
  });
}

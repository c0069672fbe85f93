/** One part of a secret. */
export interface Share {
  /** Key Part Identifier, from 1 on: where the polynomial is evaluated. */
  readonly part: number;
  readonly value: Buffer;
}

/** One way of splitting a secret so that a threshold of its parts gives it back (KMIP 2.1 §13.1). Others have their turn meanwhile. */
export interface Sharing {
  /** The most parts it can make. */
  readonly mostParts: number;
  /** Bytes of a secret that can be split: undefined where any number from 1 on can. */
  readonly longestSecret: number | undefined;
  /** How many random bytes `split` takes for a secret of so many bytes. */
  randomLength(secretLength: number, parts: number, threshold: number): number;
  /**
   * The parts, by their Key Part Identifiers from 1 on. `random` is consumed: its bytes are zeroed. The secret may grow to
   * whole elements of the field, with zeros behind it where it is joined.
   */
  split(
    secret: Buffer,
    counts: { readonly parts: number; readonly threshold: number },
    random: Buffer,
  ): Promise<Buffer[]>;
  /**
   * The secret, from parts of different Key Part Identifiers, at least a threshold of them; null where they do not belong
   * together, as far as more parts than the threshold show it. It has the length of the parts.
   */
  join(shares: readonly Share[], threshold: number): Promise<Buffer | null>;
}

/** Whether parts have one length, which every method but those over prime fields demands. */
export function haveOneLength(shares: readonly Share[]): boolean {
  return shares.every(({ value }) => value.length === shares[0]?.value.length);
}

/** Which tenant of which data directory is to be filled, with how many keys like a model. The answer is their identifiers. */
export interface FillOrder {
  readonly home: string;
  readonly tenant: string;
  /** The Unique Identifier of the model. */
  readonly model: string;
  readonly keys: number;
}

/** The name of a key by its number. */
export function nameOfKey(number: number): string {
  return `key-${number}`;
}

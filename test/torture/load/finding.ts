/** What a check found wrong. */

/** The invariants that hold after every fault, by what they say. */
export const invariants = {
  I1: "every acknowledged key is there with its value and attributes, and nothing is half done",
  I2: "every acknowledged request has one audit record, and every record of a success its effect",
  I3: "every key of a token has a row, every row its key, and nothing is left begun",
  I4: "no key went back in its life",
  I5: "the audit chains verify",
  I6: "no key stands in plaintext in any file or output",
  I7: "no answer was of another key or tenant",
} as const;

export type Invariant = keyof typeof invariants;

/** One thing that is wrong. */
export interface Finding {
  readonly invariant: Invariant;
  readonly what: string;
}

/** A finding about a key. */
export function finding(
  invariant: Invariant,
  key: { readonly tenant: string; readonly name: string },
  what: string,
): Finding {
  return { invariant, what: `${key.tenant} ${key.name}: ${what}` };
}

import type { SeededRandom } from "./random.js";

/** Something that takes bytes of strangers. */
export interface Target {
  readonly name: string;
  /** What is tried, as a short sentence without a full stop. */
  readonly about: string;
  /** Real inputs to start from. */
  readonly seeds: readonly Buffer[];
  /** Code of others in C or C++ takes the input: it is left where it is found when the process is gone. */
  readonly native?: boolean;
  /** How long one execution may take, in milliseconds. */
  readonly longest: number;
  /** Damages an input; `other` gives another one to take parts from. */
  mutate(input: Buffer, random: SeededRandom, other: () => Buffer): Buffer;
  /**
   * Gives how the input was taken, in a few words that are the same for inputs taken alike. Whatever it throws is a
   * finding.
   */
  execute(input: Buffer): string | Promise<string>;
  close?(): Promise<void>;
}

/** What must not have happened, in the place of an error that somebody threw. */
export class Fault extends Error {
  override readonly name = "Fault";
}

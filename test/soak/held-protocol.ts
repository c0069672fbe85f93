/** How a server that was started with held-on-signal.ts is asked what memory it holds, and how it answers. */

/** The signal that asks. */
export const askSignal = "SIGUSR2";

/** Variables of its environment. */
export const heldVariables = {
  /** The file to which each answer is appended: a line with a HeldMemory as JSON. */
  answers: "KEYREEVE_SOAK_ANSWERS",
  /** The add-on that trims what malloc keeps. */
  trim: "KEYREEVE_SOAK_TRIM",
  /** MiB an hour that it is to leak, to see that this is noticed; 0 for none. */
  leak: "KEYREEVE_SOAK_LEAK",
} as const;

/** What a process holds once the garbage of all its threads is collected and malloc has given back what it does not use. */
export interface HeldMemory {
  /** Bytes in memory that are of no file: those can be dropped and read again. The room for new objects of JavaScript is left out. */
  readonly bytes: number;
  /** Bytes of objects of JavaScript that are in use. */
  readonly heapBytes: number;
}

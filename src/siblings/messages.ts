/** Something told, as topic and message. */
export type Item = readonly [topic: string, message: unknown];

/** What a sibling says in answer to a question. */
export type Outcome = { readonly value: unknown } | { readonly error: string } | { readonly gone: true };

/** From a process to the hub. */
export type ToHub =
  /** The process listens from now on. */
  | { readonly kind: "hello" }
  /** For all others; those that have done it are waited for where there is a number. */
  | { readonly kind: "tell"; readonly id: number | null; readonly items: readonly Item[] }
  /** What came under this number is done. */
  | { readonly kind: "done"; readonly id: number }
  | {
      readonly kind: "ask";
      readonly id: number;
      readonly to: number;
      readonly topic: string;
      readonly question: unknown;
    }
  | { readonly kind: "answer"; readonly id: number; readonly to: number; readonly outcome: Outcome };

/** From the hub to a process. */
export type FromHub =
  /** All others know of this process. */
  | { readonly kind: "welcome" }
  | { readonly kind: "told"; readonly id: number | null; readonly from: number; readonly items: readonly Item[] }
  /** All others have done what was told under this number. */
  | { readonly kind: "allDone"; readonly id: number }
  /** A process has begun to listen. */
  | { readonly kind: "joined"; readonly id: number }
  | { readonly kind: "gone"; readonly process: number }
  | {
      readonly kind: "asked";
      readonly id: number;
      readonly from: number;
      readonly topic: string;
      readonly question: unknown;
    }
  | { readonly kind: "answered"; readonly id: number; readonly outcome: Outcome };

import { KmipError } from "#src/objects/kmip-error.js";

/** Why a request is not worked on, with what its client is told. */
const refusals = {
  queue: "too many requests wait to be worked on; try again",
  wait: "the request waited too long to be worked on; try again",
  left: "the client is not there any more",
  "rate-of-client": "the client sends more requests a second than its quota allows; try again",
  "rate-of-tenant": "the clients of the tenant send more requests a second than its quota allows; try again",
  "keys-of-client": "the client makes more keys a minute than its quota allows; try again",
  "keys-of-tenant": "the clients of the tenant make more keys a minute than its quota allows; try again",
  pairs: "too many key pairs of the tenant wait to be made; try again",
} as const;

/** Why a request is not worked on. */
export type RefusalCause = keyof typeof refusals;

const made = new Map<RefusalCause, TurnRefusal>();

/** A request is not worked on because too much is asked for. Nothing of it was done: it may be sent again as it is. */
export class TurnRefusal extends KmipError {
  readonly why: RefusalCause;

  private constructor(why: RefusalCause) {
    super("ServerLimitExceeded", refusals[why]);
    this.why = why;
  }

  /** The refusal for a cause: always the same object, as thousands a second are to cost little and it tells no place. */
  static of(why: RefusalCause): TurnRefusal {
    const known = made.get(why) ?? new TurnRefusal(why);
    made.set(why, known);
    return known;
  }

  /** Whether a quota was reached, which an operator set, and not what the server can do. */
  get isOfQuota(): boolean {
    return this.why.startsWith("rate") || this.why.startsWith("keys");
  }
}

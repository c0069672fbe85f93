/** What siblings tell each other under one name. */
export interface Topic<Message, Answer = void> {
  readonly name: string;
  /** Only its types matter. */
  readonly types?: (message: Message) => Answer;
}

/** Names a topic, once for all processes. */
export function topic<Message, Answer = void>(name: string): Topic<Message, Answer> {
  return { name };
}

/** Does what a message asks of this process; the sibling goes on when what it gives has settled. */
export type Listener<Message, Answer> = (message: Message, from: number) => Answer | Promise<Answer>;

/** The sibling that was asked is not there. */
export class SiblingGoneError extends Error {
  override readonly name = "SiblingGoneError";
  /** Whether the question may have reached it before it ended. */
  readonly mayHaveActed: boolean;

  constructor(process: number, mayHaveActed: boolean) {
    super(`server process ${process} is gone`);
    this.mayHaveActed = mayHaveActed;
  }
}

/**
 * The other processes of this server. Messages of one process arrive at each other one in the order in which they were
 * sent. A sibling that does not answer in time is ended, so that nobody waits for it longer.
 */
export interface Siblings {
  /** The number of this process: 0 is the first one, which starts the others. */
  readonly self: number;
  /** Whether this is the only process and will stay so. */
  readonly isAlone: boolean;
  /** Tells all others something; resolves when each of them has done what it does about it, or is no more. */
  tell<Message>(topic: Topic<Message>, message: Message): Promise<void>;
  /** Tells all others something and does not wait. */
  mention<Message>(topic: Topic<Message>, message: Message): void;
  /** Asks one process, which may be this one. Rejects with SiblingGoneError, or with what the other says went wrong. */
  ask<Question, Answer>(process: number, topic: Topic<Question, Answer>, question: Question): Promise<Answer>;
  /** Sets what this process does about messages of a topic. */
  on<Message, Answer>(topic: Topic<Message, Answer>, listener: Listener<Message, Answer>): void;
  /** Has a function called when another process has ended. */
  onGone(listener: (process: number) => void): void;
  /** Has a function called when another process has begun to listen: what it gives is waited for before that one serves. */
  onJoined(listener: () => Promise<void> | void): void;
}

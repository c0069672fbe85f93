import { type Listener, SiblingGoneError, type Siblings, type Topic } from "./siblings.js";

/** The siblings of a server that is one process: none. What it asks of process 0 it asks of itself. */
export class NoSiblings implements Siblings {
  readonly self = 0;
  readonly isAlone = true;
  private readonly listeners = new Map<string, Listener<unknown, unknown>>();

  async tell(): Promise<void> {}

  mention(): void {}

  async ask<Question, Answer>(process: number, { name }: Topic<Question, Answer>, question: Question): Promise<Answer> {
    if (process !== this.self) throw new SiblingGoneError(process, false);
    return (await this.listeners.get(name)?.(question, this.self)) as Answer;
  }

  on<Message, Answer>({ name }: Topic<Message, Answer>, listener: Listener<Message, Answer>): void {
    this.listeners.set(name, listener as Listener<unknown, unknown>);
  }

  onGone(): void {}

  onJoined(): void {}
}

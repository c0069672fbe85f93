import type { FromHub, Item, Outcome, ToHub } from "./messages.js";
import { type Listener, SiblingGoneError, type Siblings, type Topic } from "./siblings.js";

/** How a process reaches the hub. */
export interface BusOptions {
  readonly self: number;
  readonly send: (message: ToHub) => void;
  /** Told what went wrong in a listener; the sibling that told it goes on all the same. */
  readonly failed: (topic: string, error: unknown) => void;
}

interface Question {
  readonly to: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One process's end of the wires between the processes of a server. What is told in one turn goes in one message. */
export class SiblingBus implements Siblings {
  readonly self: number;
  readonly isAlone = false;
  private readonly options: BusOptions;
  private readonly listeners = new Map<string, Listener<unknown, unknown>>();
  private readonly goneListeners: ((process: number) => void)[] = [];
  private readonly joinedListeners: (() => Promise<void> | void)[] = [];
  private readonly questions = new Map<number, Question>();
  private readonly waiting = new Map<number, () => void>();
  private outbox: Item[] = [];
  private whenDone: (() => void)[] = [];
  private lastId = 0;
  private welcomed: (() => void) | undefined;

  constructor(options: BusOptions) {
    this.options = options;
    this.self = options.self;
  }

  /** Begins to listen; resolves when all others know of this process, and this one of what they are at. */
  join(): Promise<void> {
    return new Promise((resolve) => {
      this.welcomed = resolve;
      this.options.send({ kind: "hello" });
    });
  }

  tell<Message>({ name }: Topic<Message>, message: Message): Promise<void> {
    return new Promise((resolve) => {
      this.whenDone.push(resolve);
      this.post([name, message]);
    });
  }

  mention<Message>({ name }: Topic<Message>, message: Message): void {
    this.post([name, message]);
  }

  ask<Question, Answer>(process: number, { name }: Topic<Question, Answer>, question: Question): Promise<Answer> {
    if (process === this.self) return this.answerOf(name, question, this.self) as Promise<Answer>;
    // What was told before arrives before.
    this.flush();
    return new Promise((resolve, reject) => {
      this.lastId += 1;
      this.questions.set(this.lastId, { to: process, resolve: (value) => resolve(value as Answer), reject });
      this.options.send({ kind: "ask", id: this.lastId, to: process, topic: name, question });
    });
  }

  on<Message, Answer>({ name }: Topic<Message, Answer>, listener: Listener<Message, Answer>): void {
    if (this.listeners.has(name)) throw new TypeError(`there is a listener for ${name} already`);
    this.listeners.set(name, listener as Listener<unknown, unknown>);
  }

  onGone(listener: (process: number) => void): void {
    this.goneListeners.push(listener);
  }

  onJoined(listener: () => Promise<void> | void): void {
    this.joinedListeners.push(listener);
  }

  /** Takes a message of the hub. */
  receive(message: FromHub): void {
    switch (message.kind) {
      case "welcome":
        this.welcomed?.();
        break;
      case "told":
        this.told(message);
        break;
      case "allDone":
        this.waiting.get(message.id)?.();
        this.waiting.delete(message.id);
        break;
      case "joined":
        void this.joined(message.id);
        break;
      case "gone":
        this.gone(message.process);
        break;
      case "asked":
        void this.asked(message);
        break;
      case "answered":
        this.answered(message.id, message.outcome);
        break;
    }
  }

  private post(item: Item): void {
    if (this.outbox.length === 0) setImmediate(() => this.flush());
    this.outbox.push(item);
  }

  private flush(): void {
    const [items, whenDone] = [this.outbox, this.whenDone];
    if (items.length === 0) return;
    this.outbox = [];
    this.whenDone = [];
    if (whenDone.length === 0) {
      this.options.send({ kind: "tell", id: null, items });
      return;
    }
    this.lastId += 1;
    this.waiting.set(this.lastId, () => {
      for (const done of whenDone) done();
    });
    this.options.send({ kind: "tell", id: this.lastId, items });
  }

  /** What listeners do at once is done in the order of the items, and before anything that is told later. */
  private told({ id, from, items }: Extract<FromHub, { kind: "told" }>): void {
    const pending = items.map(([name, message]) =>
      this.answerOf(name, message, from).catch((error: unknown) => this.options.failed(name, error)),
    );
    if (id === null) return;
    void Promise.all(pending).then(() => this.options.send({ kind: "done", id }));
  }

  private async joined(id: number): Promise<void> {
    for (const listener of this.joinedListeners) {
      try {
        await listener();
      } catch (error) {
        this.options.failed("joined", error);
      }
    }
    this.flush();
    this.options.send({ kind: "done", id });
  }

  private gone(process: number): void {
    for (const listener of this.goneListeners) listener(process);
    for (const [id, { to, reject }] of this.questions) {
      if (to !== process) continue;
      this.questions.delete(id);
      reject(new SiblingGoneError(process, true));
    }
  }

  private async asked({ id, from, topic, question }: Extract<FromHub, { kind: "asked" }>): Promise<void> {
    const outcome: Outcome = await this.answerOf(topic, question, from).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
    );
    this.flush();
    this.options.send({ kind: "answer", id, to: from, outcome });
  }

  private answered(id: number, outcome: Outcome): void {
    const question = this.questions.get(id);
    if (question === undefined) return;
    this.questions.delete(id);
    if ("value" in outcome) question.resolve(outcome.value);
    else if ("gone" in outcome) question.reject(new SiblingGoneError(question.to, false));
    else question.reject(new Error(outcome.error));
  }

  /** Never throws at once: it rejects. A topic that this process knows nothing of needs nothing of it. */
  private answerOf(name: string, message: unknown, from: number): Promise<unknown> {
    try {
      return Promise.resolve(this.listeners.get(name)?.(message, from));
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

import type { FromHub, ToHub } from "./messages.js";

/** How the hub ends waiting. */
export interface HubOptions {
  /** How long a process may take to do what it is told, in milliseconds. */
  readonly deadlineMilliseconds: number;
  /** How long a process may not answer at all while it is told nothing. */
  readonly silenceMilliseconds: number;
  /** Told of a process that has not answered in time: it is to be ended, and then removed from the hub. */
  readonly stalled: (process: number, milliseconds: number) => void;
  /** Milliseconds of a clock that never steps back. */
  readonly now: () => number;
}

interface Delivery {
  readonly waiting: Set<number>;
  readonly since: number;
  readonly deadline: number;
  readonly done: () => void;
}

interface Link {
  readonly send: (message: FromHub) => void;
  /** It said that it listens. */
  isListening: boolean;
}

/** How often it is looked whether a process is late, and silent ones are asked for a sign, in milliseconds. */
const lookMilliseconds = 200;
const signMilliseconds = 1000;

/**
 * Where the wires of all processes of a server meet, in the first one: passes on what each tells the others, gathers
 * that they have done it, and reports who does not answer.
 */
export class Hub {
  private readonly options: HubOptions;
  private readonly links = new Map<number, Link>();
  private readonly deliveries = new Map<number, Delivery>();
  private readonly timer: NodeJS.Timeout;
  private readonly reported = new Set<number>();
  private lastId = 0;
  private signsAskedAt: number;

  constructor(options: HubOptions) {
    this.options = options;
    this.signsAskedAt = options.now();
    this.timer = setInterval(() => this.look(), lookMilliseconds).unref();
  }

  /** A process was started; it takes part once it says that it listens. */
  add(process: number, send: (message: FromHub) => void): void {
    this.reported.delete(process);
    this.links.set(process, { send, isListening: false });
  }

  /** A process has ended: nobody waits for it any more. */
  remove(process: number): void {
    if (!this.links.delete(process)) return;
    for (const other of this.links.values()) if (other.isListening) other.send({ kind: "gone", process });
    for (const id of [...this.deliveries.keys()]) this.settled(id, process);
  }

  /** Takes a message of a process. */
  receive(from: number, message: ToHub): void {
    const link = this.links.get(from);
    if (link === undefined) return;
    switch (message.kind) {
      case "hello":
        link.isListening = true;
        this.deliver(
          this.others(from),
          (id) => ({ kind: "joined", id }),
          () => link.send({ kind: "welcome" }),
        );
        break;
      case "tell":
        this.tell(from, link, message);
        break;
      case "done":
        this.settled(message.id, from);
        break;
      case "ask":
        this.ask(from, link, message);
        break;
      case "answer":
        this.links.get(message.to)?.send({ kind: "answered", id: message.id, outcome: message.outcome });
        break;
    }
  }

  /** Ends the watch over who answers. */
  stop(): void {
    clearInterval(this.timer);
  }

  private tell(from: number, link: Link, { id, items }: Extract<ToHub, { kind: "tell" }>): void {
    const others = this.others(from);
    if (id === null) {
      for (const other of others) this.links.get(other)?.send({ kind: "told", id: null, from, items });
      return;
    }
    const done = (): void => link.send({ kind: "allDone", id });
    this.deliver(others, (number) => ({ kind: "told", id: number, from, items }), done);
  }

  private ask(from: number, link: Link, { id, to, topic, question }: Extract<ToHub, { kind: "ask" }>): void {
    const asked = this.links.get(to);
    if (asked?.isListening === true) asked.send({ kind: "asked", id, from, topic, question });
    else link.send({ kind: "answered", id, outcome: { gone: true } });
  }

  private others(from: number): number[] {
    return [...this.links].flatMap(([process, { isListening }]) => (isListening && process !== from ? [process] : []));
  }

  private deliver(
    to: readonly number[],
    message: (id: number) => FromHub,
    done: () => void,
    deadline = this.options.deadlineMilliseconds,
  ): void {
    if (to.length === 0) {
      done();
      return;
    }
    this.lastId += 1;
    this.deliveries.set(this.lastId, { waiting: new Set(to), since: this.options.now(), deadline, done });
    const told = message(this.lastId);
    for (const process of to) this.links.get(process)?.send(told);
  }

  private settled(id: number, process: number): void {
    const delivery = this.deliveries.get(id);
    if (delivery === undefined) return;
    delivery.waiting.delete(process);
    if (delivery.waiting.size > 0) return;
    this.deliveries.delete(id);
    delivery.done();
  }

  private look(): void {
    const now = this.options.now();
    for (const { waiting, since, deadline } of this.deliveries.values()) {
      if (now - since < deadline) continue;
      for (const process of waiting) this.report(process, now - since);
    }
    if (now - this.signsAskedAt < signMilliseconds) return;
    this.signsAskedAt = now;
    const sign = (id: number): FromHub => ({ kind: "told", id, from: 0, items: [] });
    for (const process of this.others(0))
      this.deliver([process], sign, () => undefined, this.options.silenceMilliseconds);
  }

  private report(process: number, milliseconds: number): void {
    if (this.reported.has(process)) return;
    this.reported.add(process);
    this.options.stalled(process, milliseconds);
  }
}

import { type Siblings, topic } from "./siblings.js";

const takeTurn = topic<string>("take a turn");
const endTurn = topic<string>("end a turn");

interface Turn {
  readonly process: number;
  readonly begin: () => void;
}

/** Gives turns to all processes, in the first one: of those who ask for a turn of one name, one has it at a time. */
export class TurnKeeper {
  /** The one who has the turn, and behind it those who wait. */
  private readonly queues = new Map<string, Turn[]>();

  constructor(siblings: Siblings) {
    siblings.on(takeTurn, (name, process) => this.take(name, process));
    siblings.on(endTurn, (name, process) => this.end(name, process));
    siblings.onGone((process) => this.gone(process));
  }

  private take(name: string, process: number): Promise<void> {
    return new Promise((begin) => {
      const queue = this.queues.get(name) ?? [];
      this.queues.set(name, queue);
      queue.push({ process, begin });
      if (queue.length === 1) begin();
    });
  }

  private end(name: string, process: number): void {
    const queue = this.queues.get(name);
    if (queue?.[0]?.process !== process) return;
    queue.shift();
    this.next(name, queue);
  }

  private gone(process: number): void {
    for (const [name, queue] of this.queues) {
      const [holder] = queue;
      const left = queue.filter((turn) => turn.process !== process);
      queue.splice(0, queue.length, ...left);
      if (holder?.process === process) this.next(name, queue);
    }
  }

  private next(name: string, queue: readonly Turn[]): void {
    const [following] = queue;
    if (following === undefined) this.queues.delete(name);
    else following.begin();
  }
}

/** Does work while no other process does work of this name; a process that ends gives its turn back. */
export async function inTurn<Value>(siblings: Siblings, name: string, work: () => Promise<Value>): Promise<Value> {
  await siblings.ask(0, takeTurn, name);
  try {
    return await work();
  } finally {
    await siblings.ask(0, endTurn, name);
  }
}

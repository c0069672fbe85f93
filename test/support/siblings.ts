import { SiblingBus } from "#src/siblings/bus.js";
import { Hub } from "#src/siblings/hub.js";

/** Some processes of one server, wired together in memory: messages take a turn of the event loop each way. */
export interface WiredSiblings {
  readonly buses: readonly SiblingBus[];
  /** Processes that were reported because they did not answer in time. */
  readonly stalled: number[];
  /** Errors of listeners. */
  readonly failures: unknown[];
  /** A process does not take its messages any more, as one that is stopped. */
  stop(process: number): void;
  /** A process is gone. */
  end(process: number): void;
  /** Another process, which has joined; what it listens to is set before. */
  join(process: number, prepare: (bus: SiblingBus) => void): Promise<SiblingBus>;
  /** Ends the wires. */
  finish(): void;
}

/** Wires `count` processes, all of which have joined. */
export async function wiredSiblings(count: number, deadlineMilliseconds = 2000): Promise<WiredSiblings> {
  const stalled: number[] = [];
  const failures: unknown[] = [];
  const stopped = new Set<number>();
  const hub = new Hub({
    deadlineMilliseconds,
    silenceMilliseconds: 60_000,
    now: () => performance.now(),
    stalled: (process) => {
      stalled.push(process);
      hub.remove(process);
    },
  });
  const join = async (self: number, prepare: (bus: SiblingBus) => void): Promise<SiblingBus> => {
    const bus: SiblingBus = new SiblingBus({
      self,
      send: (message) => void setImmediate(() => hub.receive(self, structuredClone(message))),
      failed: (_topic, error) => void failures.push(error),
    });
    hub.add(self, (message) => {
      const copy = structuredClone(message);
      setImmediate(() => {
        if (!stopped.has(self)) bus.receive(copy);
      });
    });
    prepare(bus);
    await bus.join();
    return bus;
  };
  const buses: SiblingBus[] = [];
  for (let self = 0; self < count; self += 1) buses.push(await join(self, () => undefined));
  // The hub's own timer keeps no program running.
  const running = setInterval(() => undefined, 1000);
  return {
    finish: () => {
      clearInterval(running);
      hub.stop();
    },
    buses,
    stalled,
    failures,
    stop: (process) => void stopped.add(process),
    end: (process) => {
      stopped.add(process);
      hub.remove(process);
    },
    join,
  };
}

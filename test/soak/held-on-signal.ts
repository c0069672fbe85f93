/** Loaded into a server before all else, in each of its threads: when it is asked, it tells what memory it holds. */
import { appendFileSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BroadcastChannel, isMainThread, threadId } from "node:worker_threads";
import { askSignal, type HeldMemory, heldVariables } from "./held-protocol.js";
import { sum } from "./slope.js";

/** What a thread has. */
interface ThreadHeap {
  /** Bytes in memory of the spaces for new objects. V8 sizes them by how much is being made, up to a fixed bound. */
  readonly roomBytes: number;
  readonly usedBytes: number;
}

/** Between threads: one is there; all are to collect their garbage, or to tell what is left; one tells. */
type Message =
  | { readonly started: number }
  | { readonly wanted: "collect" | "tell" }
  | { readonly thread: number; readonly heap: ThreadHeap };

/** So long after the collection V8 has given back what it does not use, in milliseconds. */
const settlingMilliseconds = 500;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

function ownHeap(wanted: "collect" | "tell"): ThreadHeap {
  // The second time it waits until what the first has freed is given back.
  if (wanted === "collect") for (const time of [collect, collect]) time();
  const spaces = getHeapSpaceStatistics();
  const room = spaces.filter(({ space_name: name }) => name.startsWith("new_"));
  return {
    roomBytes: sum(room.map((space) => space.physical_space_size)),
    usedBytes: sum(spaces.map((space) => space.space_used_size)),
  };
}

/** Bytes in memory that belong to no file. */
function anonymousBytes(): number {
  const [, kilobytes] = /RssAnon:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  if (kilobytes === undefined) throw new Error("/proc/self/status does not tell RssAnon");
  return Number(kilobytes) * 1024;
}

function trimmer(path: string): () => void {
  const addon: { exports: { trim?: () => void } } = { exports: {} };
  process.dlopen(addon, path);
  const { trim } = addon.exports;
  if (trim === undefined) throw new Error(`${path} has no function trim`);
  return trim;
}

/** Keeps more and more for ever: written to, so that it is in memory. */
function leak(mebibytesAnHour: number): void {
  const kept: Buffer[] = [];
  const bytesASecond = Math.round((mebibytesAnHour * 1024 * 1024) / 3600);
  setInterval(() => kept.push(Buffer.alloc(bytesASecond, 1)), 1000).unref();
}

/** The main thread's side: asks the other threads, each time all of them. */
class Threads {
  private readonly others = new Set<number>();
  private readonly heaps = new Map<number, ThreadHeap>();
  private told: () => void = () => undefined;

  constructor(private readonly channel: BroadcastChannel) {
    channel.onmessage = ({ data }: { data: Message }) => {
      if ("started" in data) this.others.add(data.started);
      if ("heap" in data) this.heaps.set(data.thread, data.heap);
      if (this.heaps.size > this.others.size) this.told();
    };
  }

  /** What all threads tell, this one with them. */
  async ask(wanted: "collect" | "tell"): Promise<readonly ThreadHeap[]> {
    this.heaps.clear();
    const told = new Promise<void>((resolve) => {
      this.told = resolve;
    });
    this.channel.postMessage({ wanted } satisfies Message);
    this.heaps.set(threadId, ownHeap(wanted));
    if (this.others.size > 0) await told;
    return [...this.heaps.values()];
  }
}

async function heldMemory(threads: Threads, trim: () => void): Promise<HeldMemory> {
  // Else there would be holes in the heap, more or fewer from time to time.
  setFlagsFromString("--compact-on-every-full-gc");
  const collected = await threads.ask("collect");
  setFlagsFromString("--no-compact-on-every-full-gc");
  await pause(settlingMilliseconds);
  trim();
  const heaps = await threads.ask("tell");
  return {
    bytes: anonymousBytes() - sum(heaps.map(({ roomBytes }) => roomBytes)),
    heapBytes: sum(collected.map(({ usedBytes }) => usedBytes)),
  };
}

const { [heldVariables.answers]: answers, [heldVariables.trim]: trim, [heldVariables.leak]: leaked } = process.env;
if (answers !== undefined && trim !== undefined) {
  const channel = new BroadcastChannel("what is held");
  if (isMainThread) {
    const threads = new Threads(channel);
    const trimmed = trimmer(trim);
    process.on(askSignal, async () => {
      appendFileSync(answers, `${JSON.stringify(await heldMemory(threads, trimmed))}\n`);
    });
    if (Number(leaked) > 0) leak(Number(leaked));
  } else {
    channel.onmessage = ({ data }: { data: Message }) => {
      if (!("wanted" in data)) return;
      channel.postMessage({ thread: threadId, heap: ownHeap(data.wanted) } satisfies Message);
    };
    channel.postMessage({ started: threadId } satisfies Message);
  }
  channel.unref();
}

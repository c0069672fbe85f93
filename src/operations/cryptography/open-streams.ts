import type { PartStream } from "#src/crypto/streams/stream.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { NoSiblings } from "#src/siblings/alone.js";
import { newHomeValue } from "#src/siblings/home-values.js";
import { JointCounts } from "#src/siblings/joint-counts.js";
import type { Siblings } from "#src/siblings/siblings.js";

/** What streams of all clients may take. */
export interface StreamLimits {
  readonly maximumStreamsPerClient: number;
  readonly maximumStreamsPerTenant: number;
  readonly streamIdleSeconds: number;
  /** Bytes that one stream takes in all. */
  readonly maximumStreamBytes: number;
}

/** Whose a stream is: no other client, key or operation goes on with it. */
export interface StreamOwner {
  readonly tenantId: string;
  readonly clientId: string;
  /** The key; undefined for Hash. */
  readonly objectId: string | undefined;
  /** Value of the Operation enumeration. */
  readonly operation: number;
}

/** What requests of a stream bring that is needed at its end only: a signature to check, a tag. */
export interface StreamNotes {
  brought: Buffer | undefined;
}

/** A stream between two requests. */
export interface OpenStream {
  readonly correlationValue: Buffer;
  readonly owner: StreamOwner;
  readonly stream: PartStream<unknown>;
  readonly notes: StreamNotes;
  bytes: number;
  usedAt: number;
  /** Whether a part is in work. */
  busy: boolean;
  /**
   * The batch item whose outcome the client may not have: it went into the stream, and then was not committed. Only the
   * same item, tried again, goes on.
   */
  doubtful: object | undefined;
}

/** How often streams nobody goes on with are looked for, in milliseconds. */
const sweepInterval = 1000;

/** The streams of all clients (KMIP 2.1 §7.8). Each is kept in the memory of the process that began it, and ends with it. */
export class OpenStreams {
  private readonly limits: StreamLimits;
  private readonly nowMilliseconds: () => number;
  /** By correlation value in hexadecimal, the one that was used longest ago first. */
  private readonly open = new Map<string, OpenStream>();
  private readonly siblings: Siblings;
  /** Streams of each client and tenant in all processes. */
  private readonly counts: JointCounts;
  private readonly answers = new WeakMap<object, Promise<unknown>>();
  private readonly timer: NodeJS.Timeout;

  constructor(limits: StreamLimits, nowMilliseconds: () => number, siblings: Siblings = new NoSiblings()) {
    this.limits = limits;
    this.siblings = siblings;
    this.counts = new JointCounts(siblings, "streams");
    this.nowMilliseconds = nowMilliseconds;
    this.timer = setInterval(() => this.sweep(), sweepInterval).unref();
  }

  /** How many streams are open. */
  get size(): number {
    return this.open.size;
  }

  /** Does the work of a batch item on a stream once, however often the item is tried. */
  once<Result>(item: object, work: () => Promise<Result>): Promise<Result> {
    const known = this.answers.get(item);
    if (known !== undefined) return known as Promise<Result>;
    const asked = work();
    this.answers.set(item, asked);
    return asked;
  }

  /** Throws KmipError `ServerLimitExceeded` where a client or its tenant has as many streams as it may have. */
  checkRoom({ tenantId, clientId }: StreamOwner): void {
    const { maximumStreamsPerClient, maximumStreamsPerTenant } = this.limits;
    if (this.counts.count(clientId) >= maximumStreamsPerClient) {
      throw new KmipError("ServerLimitExceeded", `a client has at most ${maximumStreamsPerClient} streams at once`);
    }
    if (this.counts.count(tenantId) >= maximumStreamsPerTenant) {
      throw new KmipError("ServerLimitExceeded", "the tenant has as many streams as it may have");
    }
  }

  /**
   * Opens a stream, which `open` adds, and counts it from the start on, so that those being opened at the same time have
   * no more room. Throws as checkRoom does.
   */
  async opening<Result>(owner: StreamOwner, open: () => Promise<Result>): Promise<Result> {
    this.checkRoom(owner);
    this.count(owner, 1);
    try {
      return await open();
    } finally {
      this.count(owner, -1);
    }
  }

  /** Keeps a stream under a new correlation value, which nobody can guess. */
  add(owner: StreamOwner, stream: PartStream<unknown>, notes: StreamNotes): OpenStream {
    const correlationValue = newHomeValue(this.siblings);
    const usedAt = this.nowMilliseconds();
    const kept: OpenStream = {
      correlationValue,
      owner,
      stream,
      notes,
      bytes: 0,
      usedAt,
      busy: false,
      doubtful: undefined,
    };
    this.open.set(correlationValue.toString("hex"), kept);
    this.count(owner, 1);
    return kept;
  }

  /** The stream of a correlation value. Throws KmipError `InvalidCorrelationValue` unless it is the owner's. */
  find(correlationValue: Buffer, owner: StreamOwner): OpenStream {
    const found = this.open.get(correlationValue.toString("hex"));
    if (found === undefined || !sameOwner(found.owner, owner)) {
      throw new KmipError("InvalidCorrelationValue", "the correlation value names no operation under way");
    }
    return found;
  }

  /** Counts a part. Throws KmipError `ServerLimitExceeded` for one too many, and drops the stream. */
  async take(kept: OpenStream, bytes: number): Promise<void> {
    kept.bytes += bytes;
    if (kept.bytes > this.limits.maximumStreamBytes) {
      await this.drop(kept);
      const words = `the parts of one operation have at most ${this.limits.maximumStreamBytes} bytes`;
      throw new KmipError("ServerLimitExceeded", words);
    }
    const key = kept.correlationValue.toString("hex");
    kept.usedAt = this.nowMilliseconds();
    if (this.open.delete(key)) this.open.set(key, kept);
  }

  /** Forgets a stream and what it holds. */
  async drop(kept: OpenStream): Promise<void> {
    if (!this.open.delete(kept.correlationValue.toString("hex"))) return;
    this.count(kept.owner, -1);
    kept.notes.brought = undefined;
    await kept.stream.close();
  }

  /** Forgets all streams, at the end of the server. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([...this.open.values()].map((kept) => this.drop(kept)));
  }

  /** Drops what nobody went on with for too long; a timer asks for it. */
  sweep(): void {
    const limit = this.nowMilliseconds() - this.limits.streamIdleSeconds * 1000;
    for (const kept of this.open.values()) {
      if (kept.usedAt > limit) return;
      if (!kept.busy) void this.drop(kept);
    }
  }

  private count({ tenantId, clientId }: StreamOwner, by: number): void {
    for (const key of [tenantId, clientId]) this.counts.add(key, by);
  }
}

function sameOwner(one: StreamOwner, other: StreamOwner): boolean {
  return (
    one.tenantId === other.tenantId &&
    one.clientId === other.clientId &&
    one.objectId === other.objectId &&
    one.operation === other.operation
  );
}

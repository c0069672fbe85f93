import type { Caller } from "#src/access/caller.js";
import { NoSiblings } from "#src/siblings/alone.js";
import { newHomeValue } from "#src/siblings/home-values.js";
import { JointCounts } from "#src/siblings/joint-counts.js";
import type { Siblings } from "#src/siblings/siblings.js";
import { CryptokiInstance, type CryptokiLimits } from "./instance.js";
import { Refusal } from "./outcome.js";

/** Length of the correlation values that name instances, in bytes: nobody guesses one. */
export const correlationBytes = 16;

/** Under which key all instances are counted; no client is called that. */
const everybody = "";

interface Entry {
  readonly instance: CryptokiInstance;
  readonly owner: string;
  usedAt: number;
}

/**
 * What the clients of this server have between C_Initialize and C_Finalize. An instance belongs to the client that made
 * it, over whatever connections it comes; it ends with C_Finalize, or when it was not used for the idle time.
 */
export class CryptokiInstances {
  private readonly limits: CryptokiLimits;
  private readonly now: () => number;
  private readonly siblings: Siblings;
  /** Instances of each client, and all, in all processes. */
  private readonly counts: JointCounts;
  private readonly entries = new Map<string, Entry>();

  /** `now` gives a steady time in milliseconds. An instance is kept in the process that made it. */
  constructor(limits: CryptokiLimits, now: () => number, siblings: Siblings = new NoSiblings()) {
    this.limits = limits;
    this.now = now;
    this.siblings = siblings;
    this.counts = new JointCounts(siblings, "PKCS#11 instances");
  }

  /** A new instance under a new correlation value. Throws Refusal where the client or the server has too many. */
  create(caller: Caller): Buffer {
    const now = this.now();
    for (const [key, entry] of this.entries) if (this.isStale(entry, now)) this.remove(key, entry);
    const owner = ownerOf(caller);
    const isOwnerFull = this.counts.count(owner) >= this.limits.maximumInstancesPerClient;
    if (isOwnerFull || this.counts.count(everybody) >= this.limits.maximumInstances) {
      throw new Refusal("HOST_MEMORY");
    }
    const correlationValue = newHomeValue(this.siblings);
    const instance = new CryptokiInstance(this.limits);
    this.entries.set(correlationValue.toString("hex"), { instance, owner, usedAt: now });
    this.count(owner, 1);
    return correlationValue;
  }

  /** The instance of a correlation value, if it is this client's: any other answers like one that never was. */
  find(caller: Caller, correlationValue: Buffer): CryptokiInstance | undefined {
    const key = correlationValue.toString("hex");
    const entry = this.entries.get(key);
    if (entry === undefined || entry.owner !== ownerOf(caller)) return undefined;
    const now = this.now();
    if (this.isStale(entry, now)) {
      this.remove(key, entry);
      return undefined;
    }
    entry.usedAt = now;
    return entry.instance;
  }

  /** Ends an instance: its sessions, handles and session objects are gone. */
  end(correlationValue: Buffer): void {
    const key = correlationValue.toString("hex");
    const entry = this.entries.get(key);
    if (entry !== undefined) this.remove(key, entry);
  }

  private remove(key: string, { owner }: Entry): void {
    this.entries.delete(key);
    this.count(owner, -1);
  }

  private count(owner: string, by: 1 | -1): void {
    this.counts.add(owner, by);
    this.counts.add(everybody, by);
  }

  private isStale({ usedAt }: Entry, now: number): boolean {
    return now - usedAt > this.limits.idleSeconds * 1000;
  }
}

function ownerOf({ tenantId, clientId }: Caller): string {
  return `${tenantId}/${clientId}`;
}
